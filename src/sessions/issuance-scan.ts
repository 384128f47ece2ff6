import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Statement } from '../database/durable-writer.js';
import type { Row, RowReader } from '../database/row-reader.js';
import { ISSUED_COLUMNS } from './issuance-audit.js';

/** Requests are served between one look and the next. */
const SESSIONS_IN_A_LOOK = 250;
const MOST_SESSIONS = 5000;
/** One event each: where many clients take turns, more sessions of each are told together. */
const MOST_CLIENTS = 2000;
/** A database refuses statements above some megabytes, and all of this may go into one. */
const MOST_CHARACTERS = 1024 * 1024;

/** Sessions in the order of their ids, and where the scan stood before and after them. */
export interface Issued {
  rows: readonly Row[];
  after: string;
  /** Whether there are likely more. */
  full: boolean;
}

/** How far the issuance of tokens has been told: a mark in the database, which moves with what tells it. */
export class IssuanceScan {
  constructor(private readonly reader: RowReader) {}

  async position(): Promise<string> {
    const [scan] = await this.reader.read('SELECT session_id FROM audit_scan WHERE id = 1', []);
    return String(scan?.session_id ?? '');
  }

  /** What was issued since, up to `before`. */
  async gather(before: string): Promise<Issued> {
    const after = await this.position();
    const rows: Row[] = [];
    const clients = new Set<unknown>();
    let characters = 0;
    const hasRoom = () =>
      rows.length < MOST_SESSIONS && clients.size < MOST_CLIENTS && characters < MOST_CHARACTERS;
    for (let last = after; hasRoom(); await nextTurn()) {
      const some = await this.reader.read(
        `SELECT ${ISSUED_COLUMNS} FROM session s WHERE s.id > ? AND s.id < ?
         ORDER BY s.id LIMIT ${SESSIONS_IN_A_LOOK}`,
        [last, before],
      );
      rows.push(...some);
      for (const { client_id, scope, audience } of some) {
        clients.add(client_id);
        characters += String(scope).length + String(audience).length;
      }
      if (some.length < SESSIONS_IN_A_LOOK) return { rows, after, full: false };
      last = String(some.at(-1)?.id);
    }
    return { rows, after, full: true };
  }

  moveTo(sessionId: string): Statement {
    return { sql: 'UPDATE audit_scan SET session_id = ? WHERE id = 1', values: [sessionId] };
  }
}
