import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Overview } from '../../api/overview.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Card, Facts } from '../../ui/Page.tsx';
import { isSoon } from '../../ui/soon.ts';
import { Time } from '../../ui/Time.tsx';

interface Readiness {
  status: string;
}

const RECHECK_MS = 15_000;
const MAX_SKEW_MS = 1_000;
const ENGINES: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  mysql: 'MySQL or MariaDB',
  postgres: 'PostgreSQL',
};

/** Readiness, which is there also without a database; the rest is of the overview, once there is one. */
export function Health({ state }: { state: Overview | undefined }) {
  const { data } = useQuery<Readiness>({
    queryKey: ['/health/ready'],
    queryFn: ({ signal }) =>
      fetch('/health/ready', { signal })
        .then((response) => response.json() as Promise<Readiness>)
        .catch(() => ({ status: 'unreachable' })),
    refetchInterval: RECHECK_MS,
  });
  return (
    <Card title="Health">
      <Facts
        of={[
          ['Server', data && <Status key="server" status={data.status} />],
          ['Processes', state && <Processes key="processes" processes={state.processes} />],
          ['Database', state && <Database key="database" database={state.database} />],
          ['Clocks', state && <Clocks key="clocks" skewMs={state.database.clock_skew_ms} />],
          ['Audit chain', state && <Chain key="chain" chain={state.audit_chain} />],
          [
            'Certificate',
            state?.ending.certificate && <Certificate key="certificate" end={state.ending.certificate.end} />,
          ],
        ]}
      />
    </Card>
  );
}

const Line = ({ children }: { children: ReactNode }) => <span className="row">{children}</span>;

const Status = ({ status }: { status: string }) =>
  status === 'ready' ? (
    <Line>
      <Badge tone="good">Ready</Badge> The database accepts writes.
    </Line>
  ) : (
    <Line>
      <Badge tone="danger">Not ready</Badge> It says {status}: tokens are refused until its database answers.
    </Line>
  );

const Processes = ({ processes: { counted, configured } }: { processes: Overview['processes'] }) =>
  counted < configured ? (
    <Line>
      <Badge tone="warn">
        {counted} of {configured}
      </Badge>{' '}
      The figures of the last hour lack those that do not answer.
    </Line>
  ) : (
    <Line>
      {counted === 1 ? 'One' : `All ${counted}`} of this server counted; other servers of its database have
      their own overview.
    </Line>
  );

const Database = ({ database: { engine, ready, status } }: { database: Overview['database'] }) => (
  <Line>
    {ready ? <Badge tone="good">Answers</Badge> : <Badge tone="danger">Does not answer</Badge>}{' '}
    {ENGINES[engine] ?? engine}
    {status !== undefined && `: ${status}`}
  </Line>
);

const Clocks = ({ skewMs }: { skewMs: number }) =>
  Math.abs(skewMs) > MAX_SKEW_MS ? (
    <Line>
      <Badge tone="warn">Apart</Badge> Server and database differ by {skewMs} ms: synchronise them.
    </Line>
  ) : (
    <Line>
      <Badge tone="good">Agree</Badge> Server and database differ by {Math.abs(skewMs)} ms.
    </Line>
  );

const Chain = ({ chain: { events, breaks, last_break } }: { chain: Overview['audit_chain'] }) =>
  breaks === 0 ? (
    <Line>
      <Badge tone="good">Unbroken</Badge> {events.toLocaleString('en')} events; the server has noticed no
      change by another writer.
    </Line>
  ) : (
    <Line>
      <Badge tone="danger">Broken</Badge>
      <Link to="/audit" search={{ action: 'audit.break' }}>
        Events were changed by another writer
      </Link>
      {last_break !== undefined && <Time at={last_break} />}
    </Line>
  );

const Certificate = ({ end }: { end: string }) => (
  <Line>
    {isSoon(end) ? <Badge tone="warn">Ends soon</Badge> : <Badge tone="good">Valid</Badge>}
    <Time at={end} full />
  </Line>
);
