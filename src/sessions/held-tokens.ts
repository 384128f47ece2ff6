import { Injectable } from '@nestjs/common';
import { numberOrNull } from '../database/columns/column-types.js';
import { type Row, RowReader } from '../database/row-reader.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { betweenSlices } from '../runtime/slices.js';
import { SESSION_WITH_OWNERS, timeOfId } from './session-row.js';
import { SessionSearch } from './session-search.js';

/** Each page is one short statement, between which other requests are served. */
const SESSIONS_PER_PAGE = 500;
const MAX_PAGES = 200;
/** No token lives longer. */
const MAX_LIFETIME_MS = 30 * 24 * 3600 * 1000;
const AFTER_ALL_IDS = 'g';

/** The tokens of a client that have not expired. */
export interface Held {
  /** Those that introspection calls active. */
  live: number;
  /** Whether there are older sessions than those that were counted. */
  more: boolean;
  /**
   * When its last JWT expires, closed or not: an API that verifies signatures itself accepts it until then. Undefined: it
   * has no JWT. With `more` a bound, which no JWT outlasts.
   */
  jwtsUntil: number | undefined;
}

/** Counts the tokens of one client, the newest first, within a bound. */
@Injectable()
export class HeldTokens {
  constructor(
    private readonly reader: RowReader,
    private readonly search: SessionSearch,
  ) {}

  async ofClient(clientId: string): Promise<Held> {
    const held: Held = { live: 0, more: false, jwtsUntil: undefined };
    let before = AFTER_ALL_IDS;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { counted, live, jwts_until: until, first } = await this.pageBefore(clientId, before);
      held.live += Number(live ?? 0);
      held.jwtsUntil = later(held.jwtsUntil, numberOrNull(until) ?? undefined);
      if (Number(counted) < SESSIONS_PER_PAGE) return held;
      before = String(first);
      await betweenSlices();
    }
    return { ...held, more: true, jwtsUntil: later(held.jwtsUntil, timeOfId(before) + MAX_LIFETIME_MS) };
  }

  private async pageBefore(clientId: string, before: string): Promise<Row> {
    const now = nowMilliseconds();
    const live = this.search.liveNow();
    const [row] = await this.reader.read(
      `SELECT COUNT(*) AS counted, SUM(page.live) AS live, MIN(page.id) AS first,
         MAX(CASE WHEN page.token_format = 'jwt' AND page.ends_at > ? THEN page.ends_at END) AS jwts_until
       FROM (SELECT s.id, s.token_format, s.ends_at, ${live.sql} AS live FROM ${SESSION_WITH_OWNERS}
         WHERE s.client_id = ? AND s.id < ? ORDER BY s.id DESC LIMIT ${SESSIONS_PER_PAGE}) page`,
      [now, ...live.values, clientId, before],
    );
    return row as Row;
  }
}

const later = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || (other !== undefined && other > one) ? other : one;
