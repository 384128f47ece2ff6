import { LRUCache } from 'lru-cache';
import type { AuditAction, AuditEntry } from './audit-event.js';

const WINDOW_MS = 60_000;
const MAX_PAIRS = 1000;
const MAX_SUMMARIES = 200;
const MAX_GROUPS = 5000;

/** Size and refill rate of the row budget: a few megabytes a day. */
const ALL_ROWS = { most: 500, perMinute: 10 };
/** The share of one action of one group, such as an address. */
const ROWS_OF_GROUP = { most: 60, perMinute: 2 };

interface Window {
  entry: AuditEntry;
  group: string;
  since: number;
  /** The refusals not yet written as a row. */
  count: number;
  first: number;
  last: number;
}

/** A token bucket of rows. */
class RowBudget {
  private rows: number;
  private refilledAt: number | undefined;

  constructor(private readonly bounds: { most: number; perMinute: number }) {
    this.rows = bounds.most;
  }

  has(now: number): boolean {
    const minutes = Math.max(0, now - (this.refilledAt ?? now)) / 60_000;
    this.refilledAt = now;
    this.rows = Math.min(this.bounds.most, this.rows + minutes * this.bounds.perMinute);
    return this.rows >= 1;
  }

  take(): void {
    this.rows -= 1;
  }
}

/**
 * Counts refusals by pair. The first of a pair is emitted at once, further ones together at the end of its minute.
 * What exceeds a group's share of rows is emitted as one summary of the group; what exceeds the limits of memory and
 * of all rows is counted by action alone.
 */
export class RefusalCount {
  /** In insertion order. */
  private readonly pairs = new Map<string, Window>();
  /** Also in insertion order. */
  private readonly summaries = new Map<string, Window>();
  private readonly others = new Map<AuditAction, Window>();
  private readonly rows = new RowBudget(ALL_ROWS);
  private readonly rowsOfGroups = new LRUCache<string, RowBudget>({ max: MAX_GROUPS });

  constructor(
    private readonly emit: (entry: AuditEntry) => void,
    /** The parts of the first refusal that a group's summary keeps. */
    private readonly summaryOf: (entry: AuditEntry) => AuditEntry,
  ) {}

  add(pair: string, group: string, entry: AuditEntry, now: number): void {
    this.flush(now);
    const window = this.pairs.get(pair);
    const once = { entry, group, since: now, count: 1, first: now, last: now };
    if (window) countIn(window, 1, now, now);
    else if (this.pairs.size < MAX_PAIRS && this.takeRow(groupOf(entry, group), now)) {
      this.pairs.set(pair, { ...once, count: 0 });
      this.emit({ ...entry, date: now });
    } else this.addToSummary(once, now);
  }

  /** Emits the counts of minutes that have ended. */
  flush(now: number): void {
    for (const [pair, window] of this.pairs) {
      if (isOpen(window, now)) break;
      this.pairs.delete(pair);
      if (window.count === 0) continue;
      if (this.takeRow(groupOf(window.entry, window.group), now)) {
        this.emit(counted(window));
        this.pairs.set(pair, { ...window, since: now, count: 0 });
      } else this.addToSummary(window, now);
    }
    for (const [key, window] of this.summaries) {
      if (isOpen(window, now)) break;
      this.summaries.delete(key);
      this.emitSummary(window, now);
    }
    for (const [action, window] of this.others) {
      if (isOpen(window, now)) continue;
      this.others.delete(action);
      this.emit(counted(window));
    }
  }

  /** Emits all remaining counts before the process ends. */
  close(now: number): void {
    for (const window of this.pairs.values()) {
      if (window.count === 0) continue;
      if (this.takeRow(groupOf(window.entry, window.group), now)) this.emit(counted(window));
      else this.addToSummary(window, now);
    }
    for (const window of this.summaries.values()) this.emitSummary(window, now);
    for (const window of this.others.values()) this.emit(counted(window));
    for (const windows of [this.pairs, this.summaries, this.others]) windows.clear();
  }

  private addToSummary({ entry, group, count, first, last }: Window, now: number): void {
    const key = groupOf(entry, group);
    const window = this.summaries.get(key);
    if (window) countIn(window, count, first, last);
    else if (this.summaries.size < MAX_SUMMARIES) {
      this.summaries.set(key, { entry: this.summaryOf(entry), group, since: now, count, first, last });
    } else this.addOther(entry.action, count, first, last, now);
  }

  /** A summary is charged to the total only: its group has exhausted its own budget. */
  private emitSummary(window: Window, now: number): void {
    if (this.rows.has(now)) {
      this.rows.take();
      this.emit(counted(window));
    } else this.addOther(window.entry.action, window.count, window.first, window.last, now);
  }

  private addOther(action: AuditAction, count: number, first: number, last: number, now: number): void {
    const window = this.others.get(action);
    if (window) {
      countIn(window, count, first, last);
      return;
    }
    const entry: AuditEntry = {
      action,
      outcome: 'failure',
      detail: { reason: 'several callers, counted together' },
    };
    this.others.set(action, { entry, group: '', since: now, count, first, last });
  }

  private takeRow(group: string, now: number): boolean {
    let ofGroup = this.rowsOfGroups.get(group);
    if (!ofGroup) {
      ofGroup = new RowBudget(ROWS_OF_GROUP);
      this.rowsOfGroups.set(group, ofGroup);
    }
    if (!ofGroup.has(now) || !this.rows.has(now)) return false;
    ofGroup.take();
    this.rows.take();
    return true;
  }
}

/** A clock that was set back does not extend a window. */
const isOpen = ({ since }: Window, now: number): boolean => since <= now && now < since + WINDOW_MS;

const groupOf = ({ action }: AuditEntry, group: string): string => `${action}\n${group}`;

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
