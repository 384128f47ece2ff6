import { CircleDot, Minus, Plus, RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '../../ui/Badge.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';

export interface Planned {
  entry: {
    resource?: { resourceType: string; id: string };
    response: { outcome: string; location?: string };
  }[];
}

interface Row {
  id: string;
  place: number;
  document: string;
  outcome: string;
}

const OUTCOMES: Record<string, ReactNode> = {
  created: (
    <Badge tone="good" icon={Plus}>
      Created
    </Badge>
  ),
  changed: (
    <Badge tone="warn" icon={RefreshCw}>
      Changed
    </Badge>
  ),
  deleted: (
    <Badge tone="danger" icon={Minus}>
      Deleted
    </Badge>
  ),
  unchanged: (
    <Badge tone="neutral" icon={CircleDot}>
      Unchanged
    </Badge>
  ),
};

const COLUMNS: Column<Row>[] = [
  { name: 'Entry', show: ({ place }) => place + 1 },
  { name: 'Document', show: ({ document }) => <code className="break">{document}</code> },
  { name: 'Outcome', show: ({ outcome }) => OUTCOMES[outcome] ?? outcome },
];

/** The effect of each entry of a Bundle. */
export function Plan({ planned }: { planned: Planned }) {
  const rows = planned.entry.map(({ resource, response }, place): Row => {
    const document =
      resource === undefined ? (response.location ?? '').slice(1) : `${resource.resourceType}/${resource.id}`;
    return {
      id: String(place),
      place,
      document: document || `entry ${place + 1}`,
      outcome: response.outcome,
    };
  });
  return (
    <Card flush title="What would happen">
      <Table label="Plan" columns={COLUMNS} rows={rows} />
    </Card>
  );
}
