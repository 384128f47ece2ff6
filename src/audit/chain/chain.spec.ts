import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HANDLE_PREFIXES } from '../../../packages/protocol/src/handle-prefix.js';
import { makeHandle, makeSecret } from '../../crypto/handle.js';
import type { AuditEntry, AuditEvent } from '../audit-event.js';
import { BrokenChain } from './broken-chain.js';
import { BEGINNING, type ChainEnd, extend, sealed } from './chain.js';
import { ChainCheck, type Checkpoint } from './chain-check.js';

const key = randomBytes(32);

const entry: fc.Arbitrary<AuditEntry> = fc.record({
  action: fc.constantFrom('client.update', 'token.deny', 'session.close'),
  outcome: fc.constantFrom('success', 'failure'),
  date: fc.integer({ min: 0, max: 2 ** 41 }),
  clientId: fc.constantFrom('one', 'other'),
  agent: fc.record({ clientId: fc.constantFrom('root', 'one'), address: fc.ipV4() }),
  target: fc.record({
    resourceType: fc.constantFrom('Client', 'Session'),
    id: fc.stringMatching(/^[a-z]{4}$/),
  }),
  detail: fc.dictionary(fc.string(), fc.jsonValue()),
});

interface Stored {
  events: AuditEvent[];
  anchor: ChainEnd;
  head: ChainEnd;
}

function chainOf(entries: readonly AuditEntry[]): Stored {
  const begun = extend(key, sealed(key, 'head', BEGINNING), entries);
  return { ...begun, anchor: sealed(key, 'anchor', { ...BEGINNING, date: 0 }) };
}

type Row = Record<string, unknown>;

const octets = (row: Row) =>
  Object.values(row)
    .filter((value) => typeof value === 'string')
    .reduce((sum, value) => sum + Buffer.byteLength(value), 0);

const rowOf = (event: AuditEvent) => {
  const row: Row = {
    sequence: event.sequence,
    id: event.id,
    occurred_at: event.date,
    action: event.action,
    outcome: event.outcome,
    client_id: event.clientId,
    agent_id: event.agentId,
    agent_session_id: event.agentSessionId,
    address: event.address,
    target_type: event.targetType,
    target_id: event.targetId,
    detail: event.detail,
    previous_hash: event.previousHash,
    hash: event.hash,
  };
  return { ...row, octets: octets(row) };
};

const endRow = ({ date, ...rest }: ChainEnd): Row => ({
  ...rest,
  ...(date === undefined ? {} : { occurred_at: date }),
  octets: octets(rest),
});

/** Answers the check's queries from memory. */
const reader =
  ({ events, anchor, head }: Stored) =>
  async (sql: string, values: readonly unknown[]) => {
    const sorted = [...events].sort((a, b) => a.sequence - b.sequence);
    if (sql.includes('FROM audit_anchor')) {
      return [{ ...endRow(anchor), first: sorted[0]?.sequence ?? null }];
    }
    if (sql.includes('FROM audit_head')) return [{ ...endRow(head), last: sorted.at(-1)?.sequence ?? null }];
    if (sql.includes('previous_hash = ?')) {
      const [hash, beyond] = values as [string, number];
      return sorted.filter((one) => one.previousHash === hash && one.sequence > beyond).map(rowOf);
    }
    const [after, until] = values as [number, number];
    return sorted.filter(({ sequence }) => sequence > after && sequence <= until).map(rowOf);
  };

const check = (stored: Stored, checkpoints: Checkpoint[] = [], with_ = key) =>
  new ChainCheck(reader(stored), with_, checkpoints).run();

const entries = fc.array(entry, { minLength: 2, maxLength: 8 });

describe('The chain of audit events', () => {
  it('verifies an unmodified chain', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (list) => {
        expect((await check(chainOf(list))).count).toBe(list.length);
      }),
    );
  });

  it('detects a change of any member of any event', async () => {
    const members = Object.keys(chainOf([{ action: 'audit.begin', outcome: 'success' }]).events[0]!);
    await fc.assert(
      fc.asyncProperty(entries, fc.nat(), fc.constantFrom(...members), async (list, at, member) => {
        const stored = chainOf(list);
        const event = stored.events[at % list.length] as any;
        event[member] = typeof event[member] === 'number' ? event[member] + 1 : `${event[member] ?? ''}x`;
        await expect(check(stored)).rejects.toThrow(BrokenChain);
      }),
      { numRuns: 300 },
    );
  });

  it('detects a removed, repeated or reordered event', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.nat(), async (list, at) => {
        const place = at % list.length;
        const removed = chainOf(list);
        removed.events.splice(place, 1);
        await expect(check(removed)).rejects.toThrow(`event ${place + 1}`);

        const doubled = chainOf(list);
        doubled.events.push({ ...doubled.events[place]!, sequence: list.length + 1 });
        await expect(check(doubled)).rejects.toThrow('inserted');

        const swapped = chainOf(list);
        const [one, other] = [swapped.events[place]!, swapped.events[(place + 1) % list.length]!];
        [one.sequence, other.sequence] = [other.sequence, one.sequence];
        await expect(check(swapped)).rejects.toThrow(BrokenChain);
      }),
    );
  });

  it('detects a head or an anchor with another seal or none', async () => {
    const list: AuditEntry[] = Array.from({ length: 4 }, () => ({
      action: 'client.update',
      outcome: 'success',
    }));
    const cut = chainOf(list);
    const shorter = { sequence: 3, hash: cut.events[2]!.hash };
    for (const seal of [cut.head.seal, sealed(randomBytes(32), 'head', shorter).seal, '']) {
      await expect(
        check({ ...cut, events: cut.events.slice(0, 3), head: { ...shorter, seal } }),
      ).rejects.toThrow('head');
    }
    const begin = { sequence: 2, hash: cut.events[1]!.hash, date: 1 };
    for (const seal of [cut.anchor.seal, sealed(key, 'head', begin).seal]) {
      await expect(
        check({ ...cut, events: cut.events.slice(2), anchor: { ...begin, seal } }),
      ).rejects.toThrow('anchor');
    }
    const anchor = sealed(key, 'anchor', begin);
    expect((await check({ ...cut, events: cut.events.slice(2), anchor })).count).toBe(2);
    await expect(check(cut, [], randomBytes(32))).rejects.toThrow(BrokenChain);
  });

  const update: AuditEntry = { action: 'client.update', outcome: 'success' };
  const found: AuditEntry = { action: 'audit.break', outcome: 'failure' };

  it('reports an inserted row and the recovery after it, and verifies the rest', async () => {
    const { events, anchor, head } = chainOf([update, update, update]);
    const foreign = { ...events[1]!, sequence: 4 };
    const extended = extend(key, { sequence: 4, hash: head.hash }, [found, update, update]);
    const stored = { events: [...events, foreign, ...extended.events], anchor, head: extended.head };
    const broken: BrokenChain = await check(stored).catch((error) => error);
    expect([broken, ...broken.further].map(({ message }) => message)).toEqual([
      'event 4: it was inserted',
      'event 5: the server detected here that the chain had been changed',
    ]);
    (stored.events[6] as any).clientId = 'other';
    const again: BrokenChain = await check(stored).catch((error) => error);
    expect(again.further.map(({ message }) => message)).toContain('event 7: it was changed');
  });

  it('detects a column of another type, and text after a NUL', async () => {
    const members = ['sequence', 'occurred_at', 'client_id', 'detail', 'hash', 'octets'];
    await fc.assert(
      fc.asyncProperty(entries, fc.nat(), fc.constantFrom(...members), async (list, at, member) => {
        const stored = chainOf(list);
        const place = at % list.length;
        const read = async (sql: string, values: readonly unknown[]) => {
          const rows: Row[] = await reader(stored)(sql, values);
          if (!sql.includes('AS octets FROM audit_event') || sql.includes('previous_hash = ?')) return rows;
          return rows.map((row, i) => {
            if (i !== place) return row;
            const value = row[member];
            const other = typeof value === 'number' ? `0x${value.toString(16)}` : Buffer.from(`${value}`);
            return { ...row, [member]: member === 'octets' ? Number(value) + 3 : other };
          });
        };
        await expect(new ChainCheck(read as any, key).run()).rejects.toThrow(BrokenChain);
      }),
    );
    for (const end of ['head', 'anchor'] as const) {
      const stored = chainOf([update, update]);
      const read = async (sql: string, values: readonly unknown[]) => {
        const rows: Row[] = await reader(stored)(sql, values);
        if (!sql.includes(`FROM audit_${end}`)) return rows;
        return rows.map((row) => ({ ...row, sequence: `0x${Number(row.sequence).toString(16)}` }));
      };
      await expect(new ChainCheck(read as any, key).run()).rejects.toThrow(
        `the ${end} of the chain was changed`,
      );
    }
  });

  it('compares the chain with checkpoints from the log', async () => {
    const list: AuditEntry[] = Array.from({ length: 3 }, () => ({
      action: 'client.update',
      outcome: 'success',
    }));
    const [one, other] = [chainOf(list), chainOf(list)];
    const checkpoint = { sequence: 3, hash: one.head.hash };
    expect((await check(one, [checkpoint])).count).toBe(3);
    await expect(check(other, [checkpoint])).rejects.toThrow('event 3');
    await expect(check(chainOf(list.slice(1)), [checkpoint])).rejects.toThrow('ends before it');
  });
});

describe('An audit event', () => {
  const handle = fc
    .constantFrom(...(Object.keys(HANDLE_PREFIXES) as (keyof typeof HANDLE_PREFIXES)[]))
    .map((kind) => (kind === 'clientSecret' ? makeSecret() : makeHandle(kind, crypto.randomUUID())));

  it('masks a token or generated secret in any member of an event (G02, ASVS 16.2.5)', () => {
    fc.assert(
      fc.property(handle, fc.string(), fc.string(), fc.nat(7), (secret, before, after, place) => {
        const text = before + secret + after;
        const at = (one: number, otherwise: string) => (place === one ? text : otherwise);
        const { events } = extend(key, BEGINNING, [
          {
            action: 'token.deny',
            outcome: 'failure',
            clientId: at(0, 'one'),
            agent: { clientId: at(1, 'one'), sessionId: at(2, 'x') },
            target: { resourceType: 'Client', id: at(3, 'one') },
            detail: {
              description: at(4, 'refused'),
              before: { list: [{ deep: at(5, 'x') }], [at(6, 'name')]: 1 },
              presented: at(7, 'x'),
            },
          },
        ]);
        expect(JSON.stringify(events)).not.toContain(secret);
        // Id columns are ASCII.
        const mark = place < 4 ? '...' : '…';
        expect(JSON.stringify(events)).toContain(secret.slice(0, 4) + mark);
      }),
    );
  });
});
