import { setTimeout as sleep } from 'node:timers/promises';
import type { Statement } from '../database/durable-writer.js';
import type { RowReader } from '../database/row-reader.js';
import { ISSUED_COLUMNS, Issuances } from './issuances.js';

const SESSIONS_IN_A_LOOK = 250;
/** However many wait to be told, requests come first. */
const BETWEEN_LOOKS_MILLISECONDS = 20;
/** Of each client on the average: where many take turns, it takes many looks until as many can be told in one event. */
const SESSIONS_WORTH_AN_EVENT = 25;
const MAX_SESSIONS = 5000;
const MAX_CLIENTS = 2000;
/** Looked at after each look: a database refuses statements above some megabytes, and all of this may go into one. */
const MAX_CHARACTERS = 1024 * 1024;

/** Sessions that follow each other by their ids, and where the scan stood before them. */
export interface Gathered {
  issuances: Issuances;
  after: string;
  /** Whether there are likely more. */
  full: boolean;
}

/** How far the issuance of tokens has been told: a mark in the database, which moves with what tells it. */
export class IssuanceScan {
  constructor(
    private readonly reader: RowReader,
    /** Ends the gathering with what there is. */
    private readonly stopping: AbortSignal,
  ) {}

  async position(): Promise<string> {
    const [scan] = await this.reader.read('SELECT session_id FROM audit_scan WHERE id = 1', []);
    return String(scan?.session_id ?? '');
  }

  /** What was issued since, up to `before`. */
  async gather(before: string): Promise<Gathered> {
    const after = await this.position();
    const issuances = new Issuances();
    do {
      if (issuances.count > 0) await this.pause();
      const some = await this.reader.read(
        `SELECT ${ISSUED_COLUMNS} FROM session s WHERE s.id > ? AND s.id < ?
         ORDER BY s.id LIMIT ${SESSIONS_IN_A_LOOK}`,
        [issuances.last ?? after, before],
      );
      issuances.add(some);
      if (some.length < SESSIONS_IN_A_LOOK) return { issuances, after, full: false };
    } while (this.goesOn(issuances));
    return { issuances, after, full: true };
  }

  moveTo(sessionId: string): Statement {
    return { sql: 'UPDATE audit_scan SET session_id = ? WHERE id = 1', values: [sessionId] };
  }

  private goesOn({ count, clients, characters }: Issuances): boolean {
    return (
      count < Math.min(MAX_SESSIONS, clients * SESSIONS_WORTH_AN_EVENT) &&
      clients < MAX_CLIENTS &&
      characters < MAX_CHARACTERS &&
      !this.stopping.aborted
    );
  }

  private pause(): Promise<void> {
    const { stopping: signal } = this;
    return sleep(BETWEEN_LOOKS_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}
