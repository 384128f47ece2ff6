import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AuditDocument, Bundle } from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Card, Facts } from '../../ui/Page.tsx';
import { BREAKS } from '../audit/ChainState.tsx';

interface Readiness {
  status: string;
  clock_skew_ms?: number;
}

const RECHECK_MS = 15_000;
const MAX_SKEW_MS = 1_000;

/** Readiness, which says whether the database accepts writes and how far its clock is away, and the audit chain. */
export function Health() {
  const { data } = useQuery<Readiness>({
    queryKey: ['/health/ready'],
    queryFn: ({ signal }) =>
      fetch('/health/ready', { signal })
        .then((response) => response.json() as Promise<Readiness>)
        .catch(() => ({ status: 'unreachable' })),
    refetchInterval: RECHECK_MS,
  });
  const breaks = useRead<Bundle<AuditDocument>>(BREAKS);
  return (
    <Card title="Health">
      <Facts
        of={[
          ['Server', data && <Status key="server" status={data.status} />],
          [
            'Clocks',
            data?.clock_skew_ms !== undefined && <Clocks key="clocks" skewMs={data.clock_skew_ms} />,
          ],
          ['Audit chain', breaks.data && <Chain key="chain" breaks={breaks.data.body} />],
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

const Chain = ({ breaks: { entry = [] } }: { breaks: Bundle<AuditDocument> }) =>
  entry.length === 0 ? (
    <Line>
      <Badge tone="good">Unbroken</Badge> The server has noticed no change by another writer.
    </Line>
  ) : (
    <Line>
      <Badge tone="danger">Broken</Badge>
      <Link to="/audit" search={{ action: 'audit.break' }}>
        Events were changed by another writer
      </Link>
    </Line>
  );
