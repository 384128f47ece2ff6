import { Link } from '@tanstack/react-router';
import { CalendarCheck } from 'lucide-react';
import { type Column, Table } from '../../ui/List.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import type { Ending } from './endings.ts';

type Row = Ending & { id: string };

const COLUMNS: Column<Row>[] = [
  {
    name: 'Client',
    show: ({ clientId }) => (
      <Link className="row-link" to="/clients/$id" params={{ id: clientId }}>
        {clientId}
      </Link>
    ),
  },
  { name: 'What', show: ({ what }) => <span className="soft">{what}</span> },
  { name: 'Ends', show: ({ at }) => <Time at={at} /> },
];

export function Endings({ endings, isPart }: { endings: Ending[]; isPart: boolean }) {
  if (endings.length === 0) {
    return (
      <Empty icon={CalendarCheck} title="Nothing ends within 30 days">
        {isPart ? 'Among the first 1,000 clients.' : 'No secret and no client.'}
      </Empty>
    );
  }
  const rows = endings.slice(0, 8).map((ending, at): Row => ({ ...ending, id: String(at) }));
  return <Table label="About to end" columns={COLUMNS} rows={rows} />;
}
