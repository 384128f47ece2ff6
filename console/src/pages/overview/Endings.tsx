import { CalendarCheck } from 'lucide-react';
import type { Ending, Overview } from '../../api/overview.ts';
import { type Column, Table } from '../../ui/List.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import { CLIENT_COLUMN } from './client-column.tsx';

const SHOWN = 8;

type Row = Ending & { id: string };

const COLUMNS: Column<Row>[] = [
  CLIENT_COLUMN,
  { name: 'What', show: (ending) => <What ending={ending} /> },
  { name: 'Ends', show: ({ end }) => <Time at={end} /> },
];

function What({ ending: { secret, description, last_used } }: { ending: Ending }) {
  if (secret === undefined) return <span className="soft">the client itself</span>;
  return (
    <>
      <span className="soft break">secret {description ?? secret.slice(0, 8)}</span>
      <div className="small faint">
        {last_used === undefined ? 'never used' : 'used '}
        {last_used !== undefined && <Time at={last_used} />}
      </div>
    </>
  );
}

export function Endings({ ending: { days, next } }: { ending: Overview['ending'] }) {
  if (next.length === 0) {
    return (
      <Empty icon={CalendarCheck} title={`Nothing ends within ${days} days`}>
        No secret of an active client, and no client.
      </Empty>
    );
  }
  const rows = next
    .slice(0, SHOWN)
    .map((ending): Row => ({ ...ending, id: `${ending.client.id} ${ending.secret ?? ''}` }));
  return <Table label="About to end" columns={COLUMNS} rows={rows} />;
}
