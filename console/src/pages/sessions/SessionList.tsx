import { Link } from '@tanstack/react-router';
import { DoorClosed, MonitorSmartphone } from 'lucide-react';
import { useState } from 'react';
import type { SessionDocument } from '../../api/documents.ts';
import { useChange } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { Badge } from '../../ui/Badge.tsx';
import { ConfirmDialog } from '../../ui/Dialog.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';
import { type Column, List, type Paging } from '../../ui/List.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';

/** Sessions as the search at this path finds them, each of which can be closed. */
export function SessionList({
  path,
  page,
  ofOneClient = false,
}: {
  path: string;
  page: Paging;
  ofOneClient?: boolean;
}) {
  const [asked, setAsked] = useState<SessionDocument>();
  const columns: Column<SessionDocument>[] = [
    ...(ofOneClient ? [] : [CLIENT]),
    STATE,
    SCOPE,
    AUDIENCE,
    { name: 'Started', wide: true, show: ({ start }) => <Time at={start} /> },
    { name: 'Ends', wide: true, show: ({ end }) => <Time at={end} /> },
    {
      name: 'Actions',
      show: (session) =>
        session.active && (
          <GuardedButton
            needs={{ type: 'Session', operation: 'delete', id: session.client.id }}
            size="small"
            look="danger"
            onClick={() => setAsked(session)}
          >
            Close<span className="hidden"> the session {session.id}</span>
          </GuardedButton>
        ),
    },
  ];
  return (
    <>
      <List path={path} label="Sessions" columns={columns} page={page} empty={NONE} />
      <CloseDialog session={asked} close={() => setAsked(undefined)} />
    </>
  );
}

function CloseDialog({ session, close }: { session: SessionDocument | undefined; close: () => void }) {
  const closing = useChange('The session is closed');
  const confirm = () =>
    closing.mutate(
      { path: documentPath('Session', session?.id ?? ''), method: 'DELETE' },
      { onSuccess: close },
    );
  return (
    <ConfirmDialog
      title="Close this session?"
      action="Close the session"
      word={session?.client.id ?? ''}
      open={session !== undefined}
      close={close}
      change={closing}
      confirm={confirm}
    >
      Its token, and those of its family, are inactive from then on. A closed session cannot be opened again;
      the client can request a new token.
    </ConfirmDialog>
  );
}

const CLIENT: Column<SessionDocument> = {
  name: 'Client',
  show: ({ client, workload }) => (
    <>
      <Link to="/clients/$id/sessions" params={{ id: client.id }}>
        {client.id}
      </Link>
      {workload !== undefined && <div className="small faint mono break">{workload}</div>}
    </>
  ),
};

const STATE: Column<SessionDocument> = {
  name: 'State',
  show: ({ active, start }) => (
    <>
      {active ? (
        <Badge tone="good">Live</Badge>
      ) : (
        <Badge tone="neutral" icon={DoorClosed}>
          Ended
        </Badge>
      )}
      <div className="narrow-only small soft">
        <Time at={start} />
      </div>
    </>
  ),
};

const SCOPE: Column<SessionDocument> = {
  name: 'Scope',
  wide: true,
  show: ({ scope }) =>
    scope === undefined || scope.length === 0 ? (
      <span className="faint">none</span>
    ) : (
      <span className="row">
        {scope.slice(0, 4).map((item) => (
          <span key={item} className="tag">
            {item}
          </span>
        ))}
        {scope.length > 4 && <span className="small faint">and {scope.length - 4} more</span>}
      </span>
    ),
};

const AUDIENCE: Column<SessionDocument> = {
  name: 'Audience',
  wide: true,
  show: ({ audience = [] }) => <span className="small soft break">{audience.join(', ')}</span>,
};

const NONE = (
  <Empty icon={MonitorSmartphone} title="No sessions">
    Each token that is issued is a session here until some time after it has ended. None matches.
  </Empty>
);
