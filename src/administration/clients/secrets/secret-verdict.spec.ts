import { describe, expect, it } from 'vitest';
import type { LastUse } from '../../../clients/usage/last-use.js';
import type { ShownClient } from '../shown-clients.js';
import { verdictOf } from './secret-verdict.js';

const DAY_MS = 86_400_000;
const NOW = 400 * DAY_MS;
const IDLE_MS = 7 * DAY_MS;

interface Given {
  id: string;
  /** Days ago. */
  created: number;
  used?: number;
}

/** A client with these secrets; `removed` are uses of credentials that it no longer has. */
function clientWith(secrets: readonly Given[], removed: readonly Given[] = []): ShownClient {
  const uses = [...secrets, ...removed].flatMap(({ id, used }): LastUse[] =>
    used === undefined
      ? []
      : [
          {
            ...{ id, clientId: 'c', kind: 'secret', name: '' },
            ...{ usedAt: NOW - used * DAY_MS, address: '10.1.2.3', userAgent: 'curl' },
          },
        ],
  );
  const shown = secrets.map(({ id, created, used }) => ({
    ...{ id, description: null, expiresAt: null, createdAt: NOW - created * DAY_MS },
    lastUsedAt: used === undefined ? null : NOW - used * DAY_MS,
  }));
  return { id: 'c', secrets: shown, uses, federated: null } as unknown as ShownClient;
}

const OLD: Given = { id: 'old', created: 100 };

function judged(old: Given, others: readonly Given[], removed: readonly Given[] = []) {
  const client = clientWith([old, ...others], removed);
  const [secret] = client.secrets;
  if (!secret) throw new Error('the client has no secret');
  const { code, safeToEnd, text } = verdictOf(secret, client, IDLE_MS, NOW);
  return [code, safeToEnd, text];
}

describe('The verdict on a secret', () => {
  it.each([
    [
      'was replaced by one that is used',
      [{ ...OLD, used: 9 }, [{ id: 'new', created: 10, used: 1 }]],
      [
        'replaced',
        true,
        'last used 9 days ago from 10.1.2.3; the client has used another credential since: safe to end',
      ],
    ],
    [
      'was never used, while another one is',
      [OLD, [{ id: 'new', created: 10, used: 0 }]],
      ['never_used', true, 'never used in 100 days; the client uses another credential: safe to end'],
    ],
    [
      'was used within the time',
      [{ ...OLD, used: 1.2 }, [{ id: 'new', created: 10, used: 0 }]],
      ['in_use', false, 'in use: last used 1 day ago from 10.1.2.3: not safe to end'],
    ],
    [
      'is new',
      [{ id: 'old', created: 0.1 }, [{ id: 'new', created: 10, used: 0 }]],
      ['not_used_yet', false, 'made 2 hours ago and not used yet: not safe to end'],
    ],
    [
      'is the only one of a client that sleeps',
      [{ ...OLD, used: 30 }, []],
      [
        'no_successor',
        false,
        'not used for 30 days, but the client has used no other valid credential since: not safe to end',
      ],
    ],
    [
      'was the last to be used, although there is a newer one',
      [{ ...OLD, used: 30 }, [{ id: 'new', created: 20 }]],
      [
        'no_successor',
        false,
        'not used for 30 days, but the client has used no other valid credential since: not safe to end',
      ],
    ],
  ] as [string, [Given, Given[]], unknown[]][])('of one that %s', (_, [old, others], expected) => {
    expect(judged(old, others)).toEqual(expected);
  });

  it('does not count the use of a credential that is no longer valid', () => {
    expect(judged({ ...OLD, used: 9 }, [], [{ id: 'gone', created: 8, used: 1 }])[0]).toBe('no_successor');
  });
});
