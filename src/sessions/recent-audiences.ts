import { Injectable } from '@nestjs/common';
import { RowReader } from '../database/row-reader.js';

/** An index serves as many within a millisecond, however large the table is. */
const MAX_RECENT_SESSIONS = 1000;
const RECENT_AUDIENCES = `SELECT DISTINCT recent.audience FROM (
  SELECT audience FROM session WHERE client_id = ? ORDER BY id DESC LIMIT ${MAX_RECENT_SESSIONS}) recent`;

const MAX_RECENT_SESSIONS_OF_ALL = 10_000;
const RECENT_AUDIENCES_OF_ALL = `SELECT DISTINCT recent.client_id, recent.audience FROM (
  SELECT client_id, audience FROM session ORDER BY id DESC LIMIT ${MAX_RECENT_SESSIONS_OF_ALL}) recent`;

const namesAudience = (stored: unknown, audience: string): boolean =>
  (JSON.parse(String(stored)) as string[]).includes(audience);

/** Which clients have recently had tokens for an audience. */
@Injectable()
export class RecentAudiences {
  constructor(private readonly reader: RowReader) {}

  /** Those of these clients that have a session for this audience among their newest ones. */
  async amongClients(audience: string, clientIds: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const clientId of clientIds) {
      const rows = await this.reader.read(RECENT_AUDIENCES, [clientId]);
      if (rows.some((row) => namesAudience(row.audience, audience))) found.push(clientId);
    }
    return found;
  }

  /** The clients with a session for this audience among the newest of all clients. */
  async amongAll(audience: string): Promise<string[]> {
    const rows = await this.reader.read(RECENT_AUDIENCES_OF_ALL, []);
    const named = rows.filter((row) => namesAudience(row.audience, audience));
    return [...new Set(named.map((row) => String(row.client_id)))];
  }
}
