import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { type Column, Table } from '../../../ui/List.tsx';
import { Card } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/State.tsx';
import type { BlastRadius, ReachedResource } from './blast-radius.ts';

type Row = ReachedResource & { id: string };

const COLUMNS: Column<Row>[] = [
  {
    name: 'Resource',
    show: ({ resource, audience }) => (
      <>
        <Link to="/resources/$id" params={{ id: resource }}>
          {resource}
        </Link>
        <div className="small faint break">{audience}</div>
      </>
    ),
  },
  {
    name: 'Operations',
    show: ({ operations }) =>
      operations.map(({ name, identifiers, some_denied }) => (
        <div key={name} className="break">
          <strong>{name}</strong> <span className="soft">{placeOf(identifiers, some_denied === true)}</span>
        </div>
      )),
  },
];

function placeOf(identifiers: string[], someDenied: boolean): string {
  if (!identifiers.includes('*')) return `on ${identifiers.join(', ')}`;
  return someDenied ? 'on everything, except what deny rules exclude' : 'on everything';
}

/** What the policies grant the client now. */
export const Reach = ({ radius: { permissions, more_permissions } }: { radius: BlastRadius }) => (
  <Card flush title="What it opens">
    {permissions.length === 0 ? (
      <Empty icon={ShieldCheck} title="Nothing">
        No policy grants this client anything.
      </Empty>
    ) : (
      <Table
        label="What it opens"
        columns={COLUMNS}
        rows={permissions.map((one) => ({ ...one, id: one.resource }))}
      />
    )}
    {more_permissions && (
      <div className="card-note small soft">It opens more: only the first resources are shown.</div>
    )}
  </Card>
);
