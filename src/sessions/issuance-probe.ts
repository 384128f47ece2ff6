import { Injectable } from '@nestjs/common';
import { timeOrderedId } from '../crypto/time-ordered-id.js';
import { appendStatement, byPrimaryKeys, DurableWriter, type Statement } from '../database/durable-writer.js';
import { RowReader } from '../database/row-reader.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { PRESENTED_LOOKUP } from './presented-session.js';
import type { NewSession, StoredTerms } from './session.js';
import { closingNote } from './session-notes.js';
import { CLOSED, rowOf, SESSION_TABLE } from './session-row.js';

const TERMS: StoredTerms = {
  ...{ clientId: '', type: '', dialect: '', issuer: '', subject: '' },
  ...{ scope: '', audience: '[]', audienceAsked: false, tokenFormat: 'opaque' },
};

/** More than a page of any engine: a single row may find room where tokens do not. */
const ROWS_AFTER_FAILURE = 128;

const NO_FAMILY = {
  familyId: null,
  familyEndsAt: null,
  refreshedFrom: null,
  refreshDigest: null,
  refreshEndsAt: null,
};

/**
 * Checks whether a token could be recorded now: inserts a session at the end of the table and deletes it in the same
 * transaction, so that it is never visible.
 */
@Injectable()
export class IssuanceProbe {
  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
  ) {
    writer.probeWith(() => statementsOf(Array.from({ length: ROWS_AFTER_FAILURE }, anySession)));
  }

  /** Throws what a token request would throw. */
  async run(): Promise<void> {
    const session = anySession();
    const { id, startedAt } = session;
    await Promise.all([
      this.reader.find(PRESENTED_LOOKUP, id),
      this.writer.write({ statements: statementsOf([session]) }),
      // On MySQL, batches of tokens use other connections than single statements. This matches no row.
      this.writer.write({
        mark: CLOSED,
        value: startedAt,
        keys: [id],
        note: closingNote({ id, clientId: '' }, startedAt, { reason: 'closed', agent: {} }),
      }),
    ]);
  }
}

/** The sessions are inserted and deleted together. */
function statementsOf(sessions: readonly NewSession[]): Statement[] {
  const ids = sessions.map(({ id }) => id);
  return [
    appendStatement(SESSION_TABLE, sessions.map(rowOf)),
    { sql: `DELETE FROM session WHERE ${byPrimaryKeys('id', ids)}`, values: ids },
  ];
}

const anySession = (): NewSession => probeSession(nowMilliseconds());

const probeSession = (now: number): NewSession => ({
  terms: TERMS,
  ...NO_FAMILY,
  generation: 0,
  federated: null,
  address: null,
  userAgent: null,
  id: timeOrderedId(),
  kid: null,
  tokenDigest: '',
  startedAt: now,
  endsAt: now,
});
