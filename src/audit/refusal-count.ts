import type { AuditAction, AuditEntry } from './audit-event.js';

const WINDOW_MILLISECONDS = 60_000;
const MOST_PAIRS = 1000;
/** Rows that may be written at once, and how fast their number grows again: a few megabytes a day. */
const BUDGET = { most: 500, aMinute: 10 };

interface Window {
  entry: AuditEntry;
  since: number;
  /** Those that no row has told yet. */
  count: number;
  first: number;
  last: number;
}

/**
 * Counts refusals by pair. The first of a pair is told at once, further ones together when its minute is over. What
 * does not fit into the bounds of memory and of rows is counted by action alone.
 */
export class RefusalCount {
  /** In the order in which they began. */
  private readonly pairs = new Map<string, Window>();
  private readonly others = new Map<AuditAction, Window>();
  private rows: number = BUDGET.most;
  private refilledAt: number | undefined;

  constructor(private readonly tell: (entry: AuditEntry) => void) {}

  add(pair: string, entry: AuditEntry, now: number): void {
    this.look(now);
    const window = this.pairs.get(pair);
    if (window) countIn(window, 1, now, now);
    else if (this.pairs.size < MOST_PAIRS && this.takeRow(now)) {
      this.pairs.set(pair, { entry, since: now, count: 0, first: now, last: now });
      this.tell({ ...entry, date: now });
    } else this.addOther(entry.action, 1, now, now, now);
  }

  /** Tells what was counted in minutes that are over. */
  look(now: number): void {
    for (const [pair, window] of this.pairs) {
      if (goesOn(window, now)) break;
      this.pairs.delete(pair);
      if (window.count === 0) continue;
      if (this.takeRow(now)) {
        this.tell(counted(window));
        this.pairs.set(pair, { ...window, since: now, count: 0 });
      } else this.addOther(window.entry.action, window.count, window.first, window.last, now);
    }
    for (const [action, window] of this.others) {
      if (goesOn(window, now)) continue;
      this.others.delete(action);
      this.tell(counted(window));
    }
  }

  /** Tells everything that was counted, before the process ends. */
  close(now: number): void {
    for (const window of this.pairs.values()) {
      if (window.count === 0) continue;
      if (this.takeRow(now)) this.tell(counted(window));
      else this.addOther(window.entry.action, window.count, window.first, window.last, now);
    }
    for (const window of this.others.values()) this.tell(counted(window));
    this.pairs.clear();
    this.others.clear();
  }

  private addOther(action: AuditAction, count: number, first: number, last: number, now: number): void {
    const window = this.others.get(action);
    if (window) {
      countIn(window, count, first, last);
      return;
    }
    const entry: AuditEntry = { action, outcome: 'failure', detail: { reason: 'of many callers' } };
    this.others.set(action, { entry, since: now, count, first, last });
  }

  private takeRow(now: number): boolean {
    const minutes = Math.max(0, now - (this.refilledAt ?? now)) / 60_000;
    this.refilledAt = now;
    this.rows = Math.min(BUDGET.most, this.rows + minutes * BUDGET.aMinute);
    if (this.rows < 1) return false;
    this.rows -= 1;
    return true;
  }
}

/** A clock that has stepped back makes no window longer. */
const goesOn = ({ since }: Window, now: number): boolean => since <= now && now < since + WINDOW_MILLISECONDS;

function countIn(window: Window, count: number, first: number, last: number): void {
  if (window.count === 0) window.first = first;
  window.count += count;
  window.last = last;
}

const counted = ({ entry, count, first, last }: Window): AuditEntry => ({
  ...entry,
  date: last,
  detail: {
    ...entry.detail,
    count,
    first: new Date(first).toISOString(),
    last: new Date(last).toISOString(),
  },
});
