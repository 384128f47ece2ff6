import { describe, expect, it } from 'vitest';
import type { AuditEntry } from './audit-event.js';
import { RefusalCount } from './refusal-count.js';

const MINUTE = 60_000;
const START = 1_700_000_000_000;

const entry: AuditEntry = {
  action: 'authentication.fail',
  outcome: 'failure',
  detail: { reason: 'invalid_client' },
};

const summaryOf = ({ action }: AuditEntry): AuditEntry => ({
  action,
  outcome: 'failure',
  detail: { reason: 'a summary' },
});

function counting() {
  const emitted: AuditEntry[] = [];
  return { emitted, count: new RefusalCount((one) => emitted.push(one), summaryOf) };
}

describe('RefusalCount', () => {
  it('emits the first refusal of a pair at once, and repeated ones once a minute', () => {
    const { emitted, count } = counting();
    for (let i = 0; i < 100; i++) count.add('a pair', 'a group', entry, START + i * 100);
    expect(emitted).toHaveLength(1);
    count.flush(START + MINUTE - 1);
    expect(emitted).toHaveLength(1);
    count.flush(START + MINUTE);
    expect(emitted).toHaveLength(2);
    expect(emitted[1]!.detail).toEqual({
      reason: 'invalid_client',
      count: 99,
      first: new Date(START + 100).toISOString(),
      last: new Date(START + 9900).toISOString(),
    });
    count.add('a pair', 'a group', entry, START + MINUTE + 1);
    expect(emitted).toHaveLength(2);
    count.flush(START + 2 * MINUTE);
    expect(emitted).toHaveLength(3);
    // After a minute without refusals, the next one counts as a first one again.
    count.flush(START + 3 * MINUTE);
    count.add('a pair', 'a group', entry, START + 3 * MINUTE + 1);
    expect(emitted).toHaveLength(4);
  });

  it.each([
    ['one group', () => 'one group'],
    ['ten groups', (n: number) => `group ${n % 10}`],
    ['ever new groups', (n: number) => `group ${n}`],
  ])('bounds the rows for ever new pairs of %s by counting the rest together (fault B8)', (_, groupOf) => {
    const { emitted, count } = counting();
    const day = 24 * 60;
    let added = 0;
    for (let minute = 0; minute < day; minute++) {
      for (let i = 0; i < 300; i++)
        count.add(`pair ${added++}`, groupOf(added), entry, START + minute * MINUTE + i * 100);
    }
    count.close(START + day * MINUTE);
    expect(emitted.length).toBeLessThan(500 + day * 11 + 10);
    const all = emitted.reduce((sum, { detail }) => sum + Number(detail?.count ?? 1), 0);
    expect(all).toBe(added);
  });

  it('emits pending counts when the process ends', () => {
    const { emitted, count } = counting();
    for (let i = 0; i < 5; i++) count.add('a pair', 'a group', entry, START);
    count.close(START + 1);
    expect(emitted.map(({ detail }) => detail?.count ?? 1)).toEqual([1, 4]);
  });

  it("emits a group's excess as one event of the group, and leaves the rows of others (fault B8)", () => {
    const { emitted, count } = counting();
    for (let n = 0; n < 600; n++) count.add(`invented ${n}`, 'flooding', entry, START + n);
    const ofFlood = emitted.length;
    expect(ofFlood).toBeLessThanOrEqual(60);
    for (let n = 0; n < 38; n++) count.add(`pair ${n}`, `group ${n}`, entry, START + 600);
    expect(emitted).toHaveLength(ofFlood + 38);
    count.flush(START + MINUTE + 600);
    const summaries = emitted.filter(({ detail }) => detail?.reason === 'a summary');
    expect(summaries.map(({ detail }) => detail?.count)).toEqual([600 - ofFlood]);
  });
});
