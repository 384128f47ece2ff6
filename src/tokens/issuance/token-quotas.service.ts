import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AuditTrail } from '../../audit/audit-trail.js';
import { type Notice, Notices } from '../../audit/notices/notices.js';
import type { Client, TokenQuota } from '../../clients/client.js';
import { WORKLOAD_GRANT } from '../../clients/federation/workload.js';
import { addUse, DAY_MILLISECONDS, SELECT_USE, useOne } from '../../clients/usage/token-quota-use.js';
import { Log } from '../../config/log.js';
import { DurableWriter } from '../../database/durable-writer.js';
import { RowReader } from '../../database/row-reader.js';
import { isDuplicate } from '../../database/storage-error.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { sharedMilliseconds } from '../../runtime/clock.js';
import type { NewSession } from '../../sessions/session.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { type Bucket, bucketsOf, quotaHeader, refusalOf } from './token-quota.js';

const MAX_ATTEMPTS = 3;
const MAX_WINDOWS = 10_000;
const REPORTED_PERCENT = [100, 80, 60];

/**
 * Counts the tokens of clients that have a quota. A count and its session are committed together, so
 * processes that share a database never exceed the quota, and a restart loses no count.
 */
@Injectable()
export class TokenQuotas {
  /** The use at the last report, by window. */
  private readonly reported = new LRUCache<string, number>({ max: MAX_WINDOWS });

  constructor(
    private readonly sessions: SessionsService,
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly trail: AuditTrail,
    private readonly notices: Notices,
    private readonly log: Log,
  ) {}

  /** Opens a session and counts it; throws TooManyRequests if the quota is used up. */
  async open(quota: TokenQuota, session: NewSession): Promise<void> {
    const { type, subject, clientId } = session.terms;
    const counted = type === WORKLOAD_GRANT ? subject : clientId;
    for (let tries = 1; tries <= MAX_ATTEMPTS; tries++) {
      const now = sharedMilliseconds();
      if (await this.sessions.openIf(useOne(counted, quota, now), session, counted)) return;
      const use = await this.useOf(counted);
      if (!use) await this.addUse(counted);
      else {
        const refusal = refusalOf(bucketsOf(quota, use, now), now);
        if (refusal) throw refusal;
      }
    }
    throw new TemporarilyUnavailable();
  }

  /** The headers of every response to a client with a quota. `counted`: the client, or a workload within it. */
  async headersOf({ id, tokenQuota }: Client, counted: string): Promise<Record<string, string>> {
    if (!tokenQuota) return {};
    const now = sharedMilliseconds();
    const buckets = bucketsOf(tokenQuota, await this.useOf(counted), now);
    for (const bucket of buckets) this.report(id, counted, bucket, tokenQuota.enforce);
    return { 'auth0-client-quota-limit': quotaHeader(buckets, now) };
  }

  private async useOf(clientId: string) {
    return (await this.reader.read(SELECT_USE, [clientId]))[0];
  }

  private async addUse(clientId: string): Promise<void> {
    await this.writer.write({ statements: [addUse(clientId)] }).catch((error: unknown) => {
      if (!isDuplicate(error)) throw error;
    });
  }

  private report(client: string, counted: string, bucket: Bucket, enforced: boolean): void {
    const { name, quota, used, startsAt } = bucket;
    const key = `${counted} ${name} ${startsAt} ${quota}`;
    const before = this.reported.get(key) ?? 0;
    if (used <= before) return;
    this.reported.set(key, used);
    const percent = shareReached(used, quota);
    if (percent > shareReached(before, quota)) {
      const report = { event: 'token_quota', client, ...workloadOf(client, counted), window: name, percent };
      this.log.warn(report, 'token quota threshold reached');
      this.notices.note(noticeOf(client, counted, bucket, { percent, enforced }));
    }
    if (enforced || used <= quota || before > quota) return;
    // Nothing is rejected, so no rejection will record it.
    this.trail.note({
      action: 'quota.exceed',
      outcome: 'success',
      clientId: client,
      detail: { window: name, quota, used, enforced, ...workloadOf(client, counted) },
    });
  }
}

const noticeOf = (
  client: string,
  counted: string,
  { name, quota, used, startsAt, endsAt }: Bucket,
  reached: { percent: number; enforced: boolean },
): Notice => ({
  key: `quota ${counted} ${name} ${startsAt} ${quota} ${reached.percent}`,
  keptUntil: endsAt + DAY_MILLISECONDS,
  entry: {
    action: 'quota.approach',
    outcome: 'success',
    clientId: client,
    target: { resourceType: 'Client', id: client },
    detail: { window: name, quota, used, ...reached, ...workloadOf(client, counted) },
  },
});

const workloadOf = (client: string, counted: string) => (counted === client ? {} : { workload: counted });

const shareReached = (used: number, quota: number): number =>
  REPORTED_PERCENT.find((share) => used * 100 >= share * quota) ?? 0;
