import { Injectable } from '@nestjs/common';
import { type Row, RowReader } from '../database/row-reader.js';
import type { Spellings } from '../resources/audience-spelling.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { OWNERS_VALID, SESSION_WITH_OWNERS } from './session-row.js';

/** An index serves as many within a millisecond, however large the table is. */
const MAX_RECENT_SESSIONS = 1000;
const RECENT_AUDIENCES = `SELECT DISTINCT recent.audience FROM (
  SELECT audience FROM session WHERE client_id = ? ORDER BY id DESC LIMIT ${MAX_RECENT_SESSIONS}) recent`;

const MAX_RECENT_SESSIONS_OF_ALL = 10_000;
const RECENT_AUDIENCES_OF_ALL = `SELECT DISTINCT recent.client_id, recent.audience FROM (
  SELECT client_id, audience FROM session ORDER BY id DESC LIMIT ${MAX_RECENT_SESSIONS_OF_ALL}) recent`;

/** By the end of the token alone if an API may accept it without asking the server. */
const LIVE_WITH_AUDIENCE = `SELECT DISTINCT s.client_id, s.audience FROM ${SESSION_WITH_OWNERS}
  WHERE s.id >= (SELECT MIN(id) FROM (SELECT id FROM session ORDER BY id DESC LIMIT ${MAX_RECENT_SESSIONS_OF_ALL}) recent)
  AND INSTR(LOWER(s.audience), ?) > 0 AND ((s.token_format = 'jwt' AND s.ends_at > ?)
    OR (s.closed_at IS NULL AND s.ends_at > ? AND ${OWNERS_VALID})
    OR (s.refresh_ends_at > ? AND s.refresh_used_at IS NULL AND ${OWNERS_VALID}))`;

const namesOne = (stored: unknown, spellings: Spellings): boolean =>
  (JSON.parse(String(stored)) as string[]).some((audience) => spellings.has(audience));

/** Which clients have recently had tokens for an audience, in any of its spellings. */
@Injectable()
export class RecentAudiences {
  constructor(private readonly reader: RowReader) {}

  /** Those of these clients that have a session for this audience among their newest ones. */
  async amongClients(spellings: Spellings, clientIds: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const clientId of clientIds) {
      const rows = await this.reader.read(RECENT_AUDIENCES, [clientId]);
      if (rows.some((row) => namesOne(row.audience, spellings))) found.push(clientId);
    }
    return found;
  }

  /** The clients with a live token or refresh token for this audience among the newest sessions of all clients. */
  async live(spellings: Spellings): Promise<string[]> {
    const now = nowMilliseconds();
    const rows = await this.reader.read(LIVE_WITH_AUDIENCE, [spellings.part, now, now, now]);
    return clientsOf(rows, spellings);
  }

  /** The clients with a session for this audience among the newest of all clients. */
  async amongAll(spellings: Spellings): Promise<string[]> {
    const rows = await this.reader.read(RECENT_AUDIENCES_OF_ALL, []);
    return clientsOf(rows, spellings);
  }
}

function clientsOf(rows: readonly Row[], spellings: Spellings): string[] {
  const named = rows.filter((row) => namesOne(row.audience, spellings));
  return [...new Set(named.map((row) => String(row.client_id)))];
}
