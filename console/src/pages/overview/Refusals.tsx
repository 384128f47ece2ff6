import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { AuditDocument } from '../../api/documents.ts';
import { type Column, Table } from '../../ui/List.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';

const COLUMNS: Column<AuditDocument>[] = [
  {
    name: 'Client',
    show: ({ client, agent }) => {
      const id = client?.id ?? agent?.client?.id;
      return id === undefined ? (
        <span className="faint">unknown</span>
      ) : (
        <Link className="row-link" to="/clients/$id/activity" params={{ id }}>
          {id}
        </Link>
      );
    },
  },
  {
    name: 'Event',
    show: ({ action, detail }) => (
      <>
        <code>{action}</code>
        {typeof detail?.reason === 'string' && <div className="small faint">{detail.reason}</div>}
      </>
    ),
  },
  { name: 'When', show: ({ date }) => <Time at={date} /> },
];

/** Of the last hours. */
export const Refusals = ({ events, hours }: { events: AuditDocument[]; hours: number }) =>
  events.length === 0 ? (
    <Empty
      icon={CircleCheck}
      title={`Nothing was refused in the last ${hours === 1 ? 'hour' : `${hours} hours`}`}
    />
  ) : (
    <Table label="Refused lately" columns={COLUMNS} rows={events} />
  );
