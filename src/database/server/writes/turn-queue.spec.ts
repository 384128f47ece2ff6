import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import type { PendingWrite } from '../../write-queue.js';
import { TurnQueue } from './turn-queue.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const write = (sql: string, turn?: string) => ({
  statements: [{ sql, values: [] }],
  ...(turn === undefined ? {} : { turn }),
});

const soon = () => vi.advanceTimersByTimeAsync(1);

function aQueue(lanes: number) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = new TurnQueue(
    lanes,
    (pending: PendingWrite) => {
      const name = 'statements' in pending.write ? (pending.write.statements[0]?.sql ?? '') : '';
      begun.push(name);
      return new Promise((resolve) =>
        ends.set(name, () => {
          pending.resolve(true);
          resolve();
        }),
      );
    },
    { waitingMs: 1000, totalMs: 2000 },
  );
  return { queue, begun, ends };
}

describe('TurnQueue', () => {
  it('runs the writes of one turn on one lane, so that others pass them (fault F12)', async () => {
    const { queue, begun, ends } = aQueue(2);
    const all = [write('a1', 'a'), write('a2', 'a'), write('b1', 'b'), write('b2', 'b')].map((one) =>
      queue.add(one),
    );
    await soon();
    expect(begun).toEqual(['a1', 'b1']);
    ends.get('b1')?.();
    await soon();
    expect(begun).toEqual(['a1', 'b1', 'b2']);
    ends.get('a1')?.();
    await soon();
    ends.get('b2')?.();
    ends.get('a2')?.();
    expect(await Promise.all(all)).toEqual([true, true, true, true]);
  });

  it('rejects a write that waits too long and never runs it (faults F4, F12)', async () => {
    const { queue, begun, ends } = aQueue(1);
    const first = queue.add(write('first'));
    const second = queue.add(write('second')).catch((error) => error);
    await vi.advanceTimersByTimeAsync(1300);
    expect(await second).toBeInstanceOf(TemporarilyUnavailable);
    ends.get('first')?.();
    await first;
    await soon();
    expect(begun).toEqual(['first']);
    await queue.idle();
  });

  it('rejects a write whose outcome does not arrive (fault F4)', async () => {
    const { queue } = aQueue(1);
    const first = queue.add(write('first')).catch((error) => error);
    await vi.advanceTimersByTimeAsync(2300);
    expect(await first).toBeInstanceOf(TemporarilyUnavailable);
  });
});
