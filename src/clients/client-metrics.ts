import { Inject, Injectable } from '@nestjs/common';
import { SecretHasher } from '../crypto/secret-hasher.js';
import type { Statement } from '../database/durable-writer.js';
import { Searches } from '../database/search/search.js';
import { Metrics } from '../metrics/metrics.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { remembered } from '../runtime/remembered.js';

const COUNT_INTERVAL_MS = 20_000;
const DAY_MS = 86_400_000;
const DAYS_LEFT = [1, 7, 30] as const;
/** A secret that was used within this time is still in use. */
const USED_DAYS = 1;

const USES = ['true', 'false'] as const;

/** The series in the order of the columns of `countStatement`. */
const SERIES = USES.flatMap((in_use) => DAYS_LEFT.map((days) => ({ in_use, within: `${days}d` })));

/** Secrets that are about to expire, and the queue of slow hashes. */
@Injectable()
export class ClientMetrics {
  constructor(@Inject(Metrics) metrics: Metrics | undefined, searches: Searches, hasher: SecretHasher) {
    if (!metrics) return;
    metrics.queue('secret_hashes', () => hasher.waiting);
    const count = remembered(COUNT_INTERVAL_MS, () =>
      searches.inTurn('metrics', async (lane) => (await lane.run(countStatement(nowMilliseconds())))[0]),
    );
    metrics.gauge(
      {
        name: 'latchkey_client_secrets_expiring',
        help: 'Client secrets that expire within this time; in_use: used within the last day.',
        labels: ['within', 'in_use'],
        aggregator: 'max',
      },
      async () => {
        const row = await count();
        return SERIES.map((labels, place) => [labels, Number(row?.[`c${place}`] ?? 0)] as const);
      },
    );
  }
}

const EXPIRING = `SELECT s.expires_at, COALESCE(u.used_at, 0) AS used_at
  FROM client_secret s LEFT JOIN last_use u ON u.id = s.id
  WHERE s.expires_at > ? AND s.expires_at <= ?`;

function countStatement(now: number): Statement {
  const sums = SERIES.map(({ in_use }, place) => {
    const used = `used_at ${in_use === 'true' ? '>=' : '<'} ?`;
    return `SUM(CASE WHEN expires_at <= ? AND ${used} THEN 1 ELSE 0 END) AS c${place}`;
  });
  const bounds = USES.flatMap(() =>
    DAYS_LEFT.flatMap((days) => [now + days * DAY_MS, now - USED_DAYS * DAY_MS]),
  );
  return {
    sql: `SELECT ${sums.join(', ')} FROM (${EXPIRING}) expiring`,
    values: [...bounds, now, now + Math.max(...DAYS_LEFT) * DAY_MS],
  };
}
