import { ScrollText } from 'lucide-react';
import { useState } from 'react';
import type { AuditDocument } from '../../api/documents.ts';
import { Button } from '../../ui/Button.tsx';
import { type Column, List } from '../../ui/List.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import { AuditDialog } from './AuditDialog.tsx';
import { Outcome } from './Outcome.tsx';

export function AuditList({
  path,
  page,
}: {
  path: string;
  page: { after: string | undefined; go: (after: string | undefined) => void };
}) {
  const [opened, setOpened] = useState<AuditDocument>();
  const columns: Column<AuditDocument>[] = [
    { name: 'When', show: ({ date }) => <Time at={date} /> },
    { name: 'Event', show: (event) => <EventName event={event} /> },
    { name: 'Outcome', wide: true, show: ({ outcome }) => <Outcome outcome={outcome} /> },
    {
      name: 'By',
      wide: true,
      show: ({ agent }) => agent?.client?.id ?? <span className="faint">the server</span>,
    },
    {
      name: 'From',
      wide: true,
      show: ({ agent }) => <span className="small soft mono">{agent?.address}</span>,
    },
    {
      name: 'Details',
      show: (event) => (
        <Button size="small" onClick={() => setOpened(event)}>
          Show<span className="hidden"> event {event.sequence}</span>
        </Button>
      ),
    },
  ];
  return (
    <>
      <List path={path} label="Audit events" columns={columns} page={page} empty={NONE} />
      <AuditDialog event={opened} close={() => setOpened(undefined)} />
    </>
  );
}

const EventName = ({ event: { action, target, client, detail } }: { event: AuditDocument }) => {
  const about = target === undefined ? client?.id : `${target.resourceType}/${target.id}`;
  const reason = detail?.reason;
  return (
    <>
      <code>{action}</code>
      <div className="small faint break">
        {about}
        {typeof reason === 'string' && ` · ${reason}`}
      </div>
    </>
  );
};

const NONE = (
  <Empty icon={ScrollText} title="No events match">
    What is refused, closed, issued and changed appears here within a few seconds.
  </Empty>
);
