import { setTimeout as sleep } from 'node:timers/promises';
import type { Statement } from '../../database/durable-writer.js';
import type { RowReader } from '../../database/row-reader.js';
import { ISSUED_COLUMNS, Issuances } from './issuances.js';

const SESSIONS_PER_PAGE = 250;
/** Requests take precedence over the audit, however large its backlog. */
const PAGE_DELAY_MS = 20;
/** Average per client: with many active clients, more pages are read so that each event holds about as many sessions. */
const SESSIONS_PER_CLIENT = 25;
const MAX_SESSIONS = 5000;
const MAX_CLIENTS = 2000;
/** Checked after each page: all of it may go into one statement, and databases limit statements to some megabytes. */
const MAX_CHARACTERS = 1024 * 1024;

/** Consecutive sessions by id, and the position of the scan before them. */
export interface IssuanceBatch {
  issuances: Issuances;
  after: string;
  /** Whether there are probably more. */
  full: boolean;
}

/** The position up to which issued tokens have been audited: a row that is updated in the transaction of their events. */
export class IssuanceScan {
  constructor(
    private readonly reader: RowReader,
    /** Ends `gather` early with what it has. */
    private readonly stopping: AbortSignal,
  ) {}

  async position(): Promise<string> {
    const [scan] = await this.reader.read('SELECT session_id FROM audit_scan WHERE id = 1', []);
    return String(scan?.session_id ?? '');
  }

  /** The sessions since that position, up to the id `before`. */
  async gather(before: string): Promise<IssuanceBatch> {
    const after = await this.position();
    const issuances = new Issuances();
    do {
      if (issuances.count > 0) await this.pause();
      const page = await this.reader.readValues(
        `SELECT ${ISSUED_COLUMNS} FROM session s WHERE s.id > ? AND s.id < ?
         ORDER BY s.id LIMIT ${SESSIONS_PER_PAGE}`,
        [issuances.last ?? after, before],
      );
      issuances.add(page);
      if (page.length < SESSIONS_PER_PAGE) return { issuances, after, full: false };
    } while (this.hasRoom(issuances));
    return { issuances, after, full: true };
  }

  moveTo(sessionId: string): Statement {
    return { sql: 'UPDATE audit_scan SET session_id = ? WHERE id = 1', values: [sessionId] };
  }

  private hasRoom({ count, clients, characters }: Issuances): boolean {
    return (
      count < Math.min(MAX_SESSIONS, clients * SESSIONS_PER_CLIENT) &&
      clients < MAX_CLIENTS &&
      characters < MAX_CHARACTERS &&
      !this.stopping.aborted
    );
  }

  private pause(): Promise<void> {
    const { stopping: signal } = this;
    return sleep(PAGE_DELAY_MS, undefined, { signal }).catch(() => undefined);
  }
}
