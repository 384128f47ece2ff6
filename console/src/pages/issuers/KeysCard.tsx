import type { ReactNode } from 'react';
import type { IssuerDocument } from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Card, Facts } from '../../ui/Page.tsx';
import { Note, Read } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';

/** The answer of `$keys`. */
interface KeyState {
  state: 'registered' | 'current' | 'stale' | 'unavailable';
  fetched_at?: string;
  usable_until?: string;
  failed_at?: string;
  failure?: string;
  keys: { kid?: string; kty: string; crv?: string; algs: string[] }[];
}

const STATES = {
  registered: { tone: 'good', text: 'in the document' },
  current: { tone: 'good', text: 'current' },
  stale: { tone: 'warn', text: 'not refreshed' },
  unavailable: { tone: 'danger', text: 'unavailable' },
} as const;

/** The keys by which the server verifies the issuer's tokens, and whether it can still fetch them. */
export function KeysCard({ issuer }: { issuer: IssuerDocument }) {
  const path = `${documentPath('TrustedIssuer', issuer.id)}/$keys`;
  const query = useRead<KeyState>(path);
  return (
    <Card title="Keys" actions={<AsApi path={path} body={query.data?.body} />}>
      <Read query={query}>{(state) => <Keys of={state} />}</Read>
    </Card>
  );
}

function Keys({ of: { state, keys, ...known } }: { of: KeyState }) {
  const { tone, text } = STATES[state];
  return (
    <div className="stack">
      {known.failure !== undefined && (
        <Note
          tone={tone === 'warn' ? 'warn' : 'danger'}
          title={`The keys could not be fetched: ${known.failure}`}
        >
          {state === 'stale'
            ? 'Those fetched before are used until the time below.'
            : 'Tokens of the issuer are rejected.'}
        </Note>
      )}
      <Facts
        of={[
          [
            'State',
            <Badge key="state" tone={tone}>
              {text}
            </Badge>,
          ],
          ['Fetched', known.fetched_at && <Time key="fetched" at={known.fetched_at} />],
          ['Usable until', known.usable_until && <Time key="until" at={known.usable_until} />],
          ['Failed', known.failed_at && <Time key="failed" at={known.failed_at} />],
          ...keys.map(({ kid, kty, crv, algs }, position): [string, ReactNode] => [
            `Key ${position + 1}`,
            <span key={kid ?? kty}>
              {kid !== undefined && <code>{kid}</code>} {crv ?? kty},{' '}
              {algs.length === 0 ? 'no accepted algorithm' : algs.join(', ')}
            </span>,
          ]),
        ]}
      />
    </div>
  );
}
