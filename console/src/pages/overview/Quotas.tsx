import { Gauge } from 'lucide-react';
import type { QuotaUse } from '../../api/overview.ts';
import { Badge } from '../../ui/Badge.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { CLIENT_COLUMN } from './client-column.tsx';

const SHOWN = 5;
const HIGH_SHARE = 0.8;

type Row = QuotaUse & { id: string };

const COLUMNS: Column<Row>[] = [CLIENT_COLUMN, { name: 'Used', show: (row) => <Used row={row} /> }];

export function Quotas({ quotas }: { quotas: QuotaUse[] }) {
  const rows = quotas
    .slice(0, SHOWN)
    .map((quota): Row => ({ ...quota, id: `${quota.client.id} ${quota.window}` }));
  return (
    <Card flush title="Quotas">
      {rows.length === 0 ? (
        <Empty icon={Gauge} title="No quota is in use">
          Set <code>token_quota</code> in the document of a client to limit its tokens per hour and day.
        </Empty>
      ) : (
        <Table label="Quotas" columns={COLUMNS} rows={rows} />
      )}
    </Card>
  );
}

function Used({ row: { used, quota, window, enforced } }: { row: Row }) {
  const text = `${used} of ${quota} per ${window === 'per_hour' ? 'hour' : 'day'}`;
  return (
    <>
      {used >= quota ? (
        <Badge tone="danger">{text}</Badge>
      ) : used >= quota * HIGH_SHARE ? (
        <Badge tone="warn">{text}</Badge>
      ) : (
        text
      )}
      {!enforced && <div className="small faint">counted only, not enforced</div>}
    </>
  );
}
