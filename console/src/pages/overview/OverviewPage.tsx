import { Link } from '@tanstack/react-router';
import { PartyPopper } from 'lucide-react';
import { useState } from 'react';
import { type AuditDocument, type Bundle, rowsOf, type SessionDocument } from '../../api/documents.ts';
import { OVERVIEW, type Overview } from '../../api/overview.ts';
import { useRead } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { GuardedLink } from '../../ui/Guarded.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { Empty, Read } from '../../ui/State.tsx';
import { milliseconds } from './chart-parts.tsx';
import { Endings } from './Endings.tsx';
import { Health } from './Health.tsx';
import { LatencyChart } from './LatencyChart.tsx';
import { Quotas } from './Quotas.tsx';
import { Reasons } from './Reasons.tsx';
import { Refusals } from './Refusals.tsx';
import { TokensChart } from './TokensChart.tsx';

const HOUR_MS = 3_600_000;
const REFRESH_MS = 15_000;
const SHOWN_REFUSALS = 6;
const MAX_EVENTS_OF_DAY = 500_000;

const SESSIONS = searchPath('Session', { active: 'true', _count: 1 });

/**
 * Refusals have no index of their own: the search reads each event of its period, so that a long audit trail is searched
 * for the last hour only.
 */
function useRefusals({ data, error }: ReturnType<typeof useRead<Overview>>) {
  // The question stays the same while the page is open.
  const [now] = useState(Date.now);
  const events = data?.body.audit_chain.events ?? Number.POSITIVE_INFINITY;
  const hours = events > MAX_EVENTS_OF_DAY ? 1 : 24;
  const since = new Date(now - hours * HOUR_MS).toISOString();
  const path = searchPath('AuditEvent', { outcome: 'failure', date: `ge${since}`, _count: SHOWN_REFUSALS });
  const enabled = data !== undefined || error !== null;
  return { refusals: useRead<Bundle<AuditDocument>>(path, { enabled }), hours };
}

export function OverviewPage() {
  const overview = useRead<Overview>(OVERVIEW, { refreshMs: REFRESH_MS });
  const sessions = useRead<Bundle<SessionDocument>>(SESSIONS);
  const { refusals, hours } = useRefusals(overview);
  const refused = (
    <Card flush title="Refused lately">
      <Read query={refusals}>{(body) => <Refusals events={rowsOf(body)} hours={hours} />}</Read>
    </Card>
  );
  return (
    <Page
      title="Overview"
      about={`What ${askedOf(overview.data?.body)} asked in the last hour, what is about to end, and how it is.`}
      actions={<AsApi path={OVERVIEW} body={overview.data?.body} />}
    >
      <div className="stack loose">
        <Read query={overview}>
          {(state) => (
            <div className="stack loose">
              {state.clients.total <= 1 && <Card flush>{WELCOME}</Card>}
              <Figures state={state} sessions={liveOf(sessions)} />
              <div className="columns wide-left">
                <TokensChart tokens={state.tokens} />
                <Reasons refusals={state.tokens.refusals} />
              </div>
              <div className="columns wide-left">
                <LatencyChart tokens={state.tokens} />
                <Quotas quotas={state.quotas} />
              </div>
              <div className="columns">
                <Card flush title="About to end">
                  <Endings ending={state.ending} />
                </Card>
                {refused}
              </div>
            </div>
          )}
        </Read>
        {overview.data === undefined && refused}
        <Health state={overview.data?.body} />
      </div>
    </Page>
  );
}

/** Whose requests are counted: other servers of the same database have an overview of their own. */
function askedOf(state: Overview | undefined): string {
  const { counted, configured } = state?.processes ?? { counted: 1, configured: 1 };
  if (configured === 1) return 'this server was';
  const all = `${configured} processes of this server were`;
  return counted < configured ? `${counted} of the ${all}` : `the ${all}`;
}

function Figures({ state, sessions }: { state: Overview; sessions: string }) {
  const { tokens, clients, ending } = state;
  return (
    <div className="figures six">
      <div>
        <strong>{tokens.issued.toLocaleString('en')}</strong>
        <span className="soft">Tokens in an hour</span>
      </div>
      <div>
        <strong>{milliseconds(tokens.latency_ms?.p99)}</strong>
        <span className="soft">p99 latency</span>
      </div>
      <Link to="/clients">
        <strong>{clients.total.toLocaleString('en')}</strong> <span className="soft">Clients</span>
      </Link>
      <Link to="/sessions" search={{ active: 'true' }}>
        <strong>{sessions}</strong> <span className="soft">Live sessions</span>
      </Link>
      <Link to="/clients" search={{ active: 'true', unused: `${clients.unused.days}d` }}>
        <strong>{clients.unused.total.toLocaleString('en')}</strong>{' '}
        <span className="soft">Unused for {clients.unused.days} days</span>
      </Link>
      <div>
        <strong>{ending.total.toLocaleString('en')}</strong>
        <span className="soft">Ending within {ending.days} days</span>
      </div>
    </div>
  );
}

const liveOf = ({ data }: { data: { body: Bundle<unknown> } | undefined }): string => {
  if (data === undefined) return '–';
  return data.body.total?.toLocaleString('en') ?? '10,000+';
};

const WELCOME = (
  <Empty
    icon={PartyPopper}
    title="This server is new"
    actions={
      <GuardedLink look="primary" to="/clients/new" needs={{ type: 'Client', operation: 'create' }}>
        Create the first client
      </GuardedLink>
    }
  >
    A client is a machine that gets tokens. Three questions lead to a command that works.
  </Empty>
);
