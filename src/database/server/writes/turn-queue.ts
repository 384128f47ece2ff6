import { type PendingWrite, type WriteLimits, WriteQueue } from '../../write-queue.js';

/**
 * Runs writes concurrently, but writes that share a turn one at a time: a row locked by another session holds up only
 * the writes that need it, on one of several connections.
 */
export class TurnQueue extends WriteQueue {
  constructor(lanes: number, commit: (pending: PendingWrite) => Promise<void>, limits?: WriteLimits) {
    super(
      lanes,
      () => 1,
      ([pending]) => (pending ? commit(pending) : Promise.resolve()),
      limits,
    );
  }

  protected override next(): PendingWrite[] {
    const taken = new Set([...this.underWay].map(([pending]) => turnOf(pending)));
    const first = this.waiting.findIndex((pending) => {
      const turn = turnOf(pending);
      return turn === undefined || !taken.has(turn);
    });
    return first === -1 ? [] : this.waiting.splice(first, 1);
  }
}

function turnOf(pending: PendingWrite | undefined): unknown {
  if (!pending) return undefined;
  const { write } = pending;
  return 'mark' in write ? write.keys[0] : 'statements' in write ? write.turn : undefined;
}
