import { Injectable } from '@nestjs/common';
import type { Statement } from '../../database/durable-writer.js';
import type { Row } from '../../database/row-reader.js';
import { Searches, type SearchLane } from '../../database/search/search.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { TokenQuota } from '../client.js';
import { UNUSED } from '../usage/unused-search.js';

export const UNUSED_DAYS = 90;
export const ENDING_DAYS = 30;
const DAY_MS = 86_400_000;
const MAX_ENDINGS = 20;
/** With more clients that have a quota, those that used most tokens today. */
const MAX_QUOTAS = 1000;

/** A client, or one of its secrets, that ends soon. */
export interface EndingCredential {
  clientId: string;
  secretId?: string;
  description?: string;
  endsAt: number;
  /** When the secret was last used; absent if it never was. */
  lastUsedAt?: number;
}

export interface QuotaRow {
  clientId: string;
  quota: TokenQuota;
  use: Row;
}

export interface ClientFigures {
  total: number;
  active: number;
  unused: number;
  /** The next ones of all that end within ENDING_DAYS. */
  endings: EndingCredential[];
  endingsTotal: number;
  quotas: QuotaRow[];
}

/** What an overview tells of all clients; each statement uses an index or reads the table of clients once. */
@Injectable()
export class ClientFiguresReader {
  constructor(private readonly searches: Searches) {}

  read(): Promise<ClientFigures> {
    return this.searches.inTurn('overview', async (lane) => {
      const now = nowMilliseconds();
      const [clients] = await lane.run(COUNT_CLIENTS);
      const [unused] = await lane.run(countUnused());
      const endings = [
        await endingsOf(lane, SECRETS_ENDING, now),
        await endingsOf(lane, CLIENTS_ENDING, now),
      ];
      const quotas = await lane.run({ sql: QUOTAS, values: [now - DAY_MS] });
      return {
        total: Number(clients?.total),
        active: Number(clients?.active ?? 0),
        unused: Number(unused?.total),
        endings: endings
          .flatMap(({ rows }) => rows)
          .sort((one, other) => one.endsAt - other.endsAt)
          .slice(0, MAX_ENDINGS),
        endingsTotal: endings.reduce((sum, { total }) => sum + total, 0),
        quotas: quotas.map(quotaRowOf),
      };
    });
  }
}

const COUNT_CLIENTS: Statement = {
  sql: 'SELECT COUNT(*) AS total, SUM(CASE WHEN active = TRUE THEN 1 ELSE 0 END) AS active FROM client',
  values: [],
};

/** As `GET /Client?active=true&unused=90d` counts them. */
function countUnused(): Statement {
  const unused = UNUSED.restrict(`${UNUSED_DAYS}d`);
  if (typeof unused === 'string' || 'fault' in unused) throw new Error('the duration is not understood');
  return {
    sql: `SELECT COUNT(*) AS total FROM client t WHERE t.active = TRUE AND ${unused.sql}`,
    values: unused.values,
  };
}

interface Ending {
  select: string;
  from: string;
}

const SECRETS_ENDING: Ending = {
  select: `s.client_id, s.id, s.description, s.expires_at AS ends_at, u.used_at`,
  from: `client_secret s JOIN client c ON c.id = s.client_id AND c.active = TRUE LEFT JOIN last_use u ON u.id = s.id
    WHERE s.expires_at > ? AND s.expires_at <= ?`,
};

const CLIENTS_ENDING: Ending = {
  select: 'c.id AS client_id, c.expires_at AS ends_at',
  from: 'client c WHERE c.active = TRUE AND c.expires_at > ? AND c.expires_at <= ?',
};

async function endingsOf(lane: SearchLane, { select, from }: Ending, now: number) {
  const values = [now, now + ENDING_DAYS * DAY_MS];
  const [count] = await lane.run({ sql: `SELECT COUNT(*) AS total FROM ${from}`, values });
  const rows = await lane.run({
    sql: `SELECT ${select} FROM ${from} ORDER BY ends_at LIMIT ${MAX_ENDINGS}`,
    values,
  });
  return { total: Number(count?.total), rows: rows.map(endingOf) };
}

const endingOf = ({ client_id, id, description, ends_at, used_at }: Row): EndingCredential => ({
  clientId: String(client_id),
  endsAt: Number(ends_at),
  ...(id === undefined ? {} : { secretId: String(id) }),
  ...(description === undefined || description === null ? {} : { description: String(description) }),
  ...(used_at === undefined || used_at === null ? {} : { lastUsedAt: Number(used_at) }),
});

const QUOTAS = `SELECT c.id, c.token_quota, q.hour_start, q.hour_used, q.day_start, q.day_used
  FROM token_quota_use q JOIN client c ON c.id = q.client_id
  WHERE c.token_quota IS NOT NULL AND c.active = TRUE AND q.day_start > ?
  ORDER BY q.day_used DESC, c.id LIMIT ${MAX_QUOTAS}`;

const quotaRowOf = ({ id, token_quota, ...use }: Row): QuotaRow => ({
  clientId: String(id),
  quota: (typeof token_quota === 'string' ? JSON.parse(token_quota) : token_quota) as TokenQuota,
  use,
});
