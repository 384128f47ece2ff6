import { Link } from '@tanstack/react-router';
import { PartyPopper } from 'lucide-react';
import { useState } from 'react';
import {
  type AuditDocument,
  type Bundle,
  type ClientDocument,
  rowsOf,
  type SessionDocument,
} from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { ButtonLink } from '../../ui/Button.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { Empty, Read } from '../../ui/State.tsx';
import { Endings } from './Endings.tsx';
import { endingsOf } from './endings.ts';
import { Health } from './Health.tsx';
import { Refusals } from './Refusals.tsx';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MAX_CLIENTS = 1_000;
const SHOWN_REFUSALS = 6;

const CLIENTS = searchPath('Client', { _count: MAX_CLIENTS });
const SESSIONS = searchPath('Session', { active: 'true', _count: 1 });

/** By the hour, so that the question stays the same while the page is open. */
const yesterday = () => new Date(Math.floor((Date.now() - DAY_MS) / HOUR_MS) * HOUR_MS).toISOString();

export function OverviewPage() {
  const [since] = useState(yesterday);
  const clients = useRead<Bundle<ClientDocument>>(CLIENTS);
  const sessions = useRead<Bundle<SessionDocument>>(SESSIONS);
  const refusals = useRead<Bundle<AuditDocument>>(
    searchPath('AuditEvent', { outcome: 'failure', date: `ge${since}`, _count: SHOWN_REFUSALS }),
  );
  const isNew =
    clients.data !== undefined && clients.data.body.total !== undefined && clients.data.body.total <= 1;
  const endings = clients.data === undefined ? undefined : endingsOf(rowsOf(clients.data.body));
  return (
    <Page
      title="Overview"
      about="What this server holds, what is about to end, and what it refused."
      actions={<AsApi path={CLIENTS} body={clients.data?.body} />}
    >
      <div className="stack loose">
        {isNew && <Card flush>{WELCOME}</Card>}
        <div className="figures">
          <Link to="/clients">
            <strong>{figure(clients)}</strong> <span className="soft">Clients</span>
          </Link>
          <Link to="/sessions" search={{ active: 'true' }}>
            <strong>{figure(sessions)}</strong> <span className="soft">Live sessions</span>
          </Link>
          <Link to="/audit" search={{ outcome: 'failure' }}>
            <strong>{figure(refusals)}</strong> <span className="soft">Refusals in 24 hours</span>
          </Link>
          <div>
            <strong>{endings?.length ?? '–'}</strong> <span className="soft">Ending within 30 days</span>
          </div>
        </div>
        <div className="columns">
          <Card flush title="About to end">
            <Read query={clients}>
              {(body) => (
                <Endings
                  endings={endingsOf(rowsOf(body))}
                  isPart={(body.total ?? MAX_CLIENTS + 1) > MAX_CLIENTS}
                />
              )}
            </Read>
          </Card>
          <Card flush title="Refused lately">
            <Read query={refusals}>{(body) => <Refusals events={rowsOf(body)} />}</Read>
          </Card>
        </div>
        <Health />
      </div>
    </Page>
  );
}

const figure = ({ data }: { data: { body: Bundle<unknown> } | undefined }): string => {
  if (data === undefined) return '–';
  return data.body.total?.toLocaleString('en') ?? '10,000+';
};

const WELCOME = (
  <Empty
    icon={PartyPopper}
    title="This server is new"
    actions={
      <ButtonLink look="primary" to="/clients/new">
        Create the first client
      </ButtonLink>
    }
  >
    A client is a machine that gets tokens. Three questions lead to a command that works.
  </Empty>
);
