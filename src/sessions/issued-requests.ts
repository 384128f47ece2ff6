import { Injectable } from '@nestjs/common';
import { textOrNull } from '../database/columns/column-types.js';
import { type Row, RowReader } from '../database/row-reader.js';
import { firstIdOf } from './session-row.js';

/** Each page is one short statement, between which other requests are served. */
export const REQUESTS_PER_PAGE = 200;
/** No more of a scope or of a list of audiences is read than this, so that a page fits into memory. */
const MAX_CHARACTERS = 4096;

/** A token request that was granted, from the session of its token. */
export interface IssuedRequest {
  id: string;
  clientId: string;
  type: string;
  dialect: string;
  audienceAsked: boolean;
  /** As stored. */
  scope: string | null;
  audience: string;
  address: string | null;
  /** Whether the scope or the list of audiences is longer than what was read. */
  isCut: boolean;
}

/** Granted token requests of a period, the newest first. */
@Injectable()
export class IssuedRequests {
  constructor(private readonly reader: RowReader) {}

  /** From this time on, before this id; of one client, or of all. */
  async page(start: number, before: string, clientId?: string): Promise<IssuedRequest[]> {
    const rows = await this.reader.read(
      `SELECT s.id, s.client_id, s.type, s.door, s.audience_asked, s.address,
         SUBSTR(s.scope, 1, ${MAX_CHARACTERS + 1}) AS scope, SUBSTR(s.audience, 1, ${MAX_CHARACTERS + 1}) AS audience
       FROM session s WHERE ${clientId === undefined ? '' : 's.client_id = ? AND '}s.id >= ? AND s.id < ?
       ORDER BY s.id DESC LIMIT ${REQUESTS_PER_PAGE}`,
      [...(clientId === undefined ? [] : [clientId]), firstIdOf(start), before],
    );
    return rows.map(requestOf);
  }
}

function requestOf(row: Row): IssuedRequest {
  const scope = textOrNull(row.scope);
  const audience = String(row.audience);
  return {
    id: String(row.id),
    clientId: String(row.client_id),
    type: String(row.type),
    dialect: String(row.door),
    audienceAsked: Number(row.audience_asked) === 1,
    scope,
    audience,
    address: textOrNull(row.address),
    isCut: Math.max(scope?.length ?? 0, audience.length) > MAX_CHARACTERS,
  };
}
