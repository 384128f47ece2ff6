import { Injectable } from '@nestjs/common';
import type { AuditAction, AuditEvent } from '../../audit/audit-event.js';
import { AuditFeed } from '../../audit/audit-feed.js';
import { Notices } from '../../audit/notices/notices.js';
import { Settings } from '../../config/settings.js';
import { detailOf } from '../audit-view.js';

const REFUSALS: readonly AuditAction[] = [
  'token.deny',
  'revocation.deny',
  'introspection.deny',
  'authorization.deny',
  'authentication.fail',
  'authentication.throttle',
  'quota.exceed',
];

const MINUTE_MS = 60_000;
const RECENT_MINUTES = 5;
const HISTORY_MINUTES = 60;
const WINDOW_MS = (RECENT_MINUTES + HISTORY_MINUTES) * MINUTE_MS;
const RANGE = 5000;
const EVENTS_PER_READ = 500;

/**
 * Records a spike of refusals: within five minutes at least as many as a setting says, and several times as many as
 * usual in the hour before. Counts are those of the audit events, so they are the sum of all processes.
 */
@Injectable()
export class RefusalWatch {
  private after: number | undefined;
  /** Refusals by minute and action. */
  private readonly minutes = new Map<number, Map<string, number>>();

  constructor(
    private readonly settings: Settings,
    private readonly feed: AuditFeed,
    private readonly notices: Notices,
  ) {}

  async look(now: number): Promise<void> {
    await this.read(now);
    const minute = Math.floor(now / MINUTE_MS);
    for (const old of this.minutes.keys())
      if (old <= minute - RECENT_MINUTES - HISTORY_MINUTES) this.minutes.delete(old);
    const recent = sum([...this.minutes].filter(([at]) => at > minute - RECENT_MINUTES));
    const before = sum([...this.minutes].filter(([at]) => at <= minute - RECENT_MINUTES));
    const usual = Math.round((before.total * RECENT_MINUTES) / HISTORY_MINUTES);
    const { refusalSpikeCount, refusalSpikeRatio } = this.settings.watch;
    if (recent.total < Math.max(refusalSpikeCount, refusalSpikeRatio * usual)) return;
    const detail = { count: recent.total, minutes: RECENT_MINUTES, usual, actions: recent.byAction };
    await this.notices.record([
      {
        // At most once an hour; by then, a continuing spike counts as usual.
        key: `refusals ${Math.floor(now / HISTORY_MINUTES / MINUTE_MS)}`,
        keptUntil: now + WINDOW_MS,
        entry: { action: 'refusal.spike', outcome: 'success', detail },
      },
    ]);
  }

  private async read(now: number): Promise<void> {
    const { last } = await this.feed.ends();
    const oldest = await this.feed.sequenceBefore(now - WINDOW_MS);
    let after = Math.max(this.after ?? 0, oldest);
    while (after < last) {
      const upTo = Math.min(last, after + RANGE);
      const events = await this.feed.read({ after, upTo, limit: EVENTS_PER_READ, actions: REFUSALS });
      for (const event of events) this.count(event);
      after = events.length < EVENTS_PER_READ ? upTo : (events.at(-1)?.sequence ?? upTo);
    }
    this.after = Math.min(after, last);
  }

  private count(event: AuditEvent): void {
    const { date, action, outcome } = event;
    if (outcome !== 'failure') return;
    const minute = Math.floor(date / MINUTE_MS);
    const actions = this.minutes.get(minute) ?? new Map<string, number>();
    this.minutes.set(minute, actions.set(action, (actions.get(action) ?? 0) + countedIn(event)));
  }
}

/** An event without a count is one refusal, one with a count is further ones. */
function countedIn(event: AuditEvent): number {
  const { count } = detailOf(event);
  return typeof count === 'number' ? count : 1;
}

function sum(minutes: readonly (readonly [number, ReadonlyMap<string, number>])[]) {
  const byAction: Record<string, number> = {};
  let total = 0;
  for (const [action, count] of minutes.flatMap(([, actions]) => [...actions])) {
    byAction[action] = (byAction[action] ?? 0) + count;
    total += count;
  }
  return { total, byAction };
}
