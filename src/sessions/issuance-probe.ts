import { Injectable } from '@nestjs/common';
import { timeOrderedId } from '../crypto/time-ordered-id.js';
import { appendStatement, DurableWriter } from '../database/durable-writer.js';
import { RowReader } from '../database/row-reader.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { PRESENTED_LOOKUP } from './presented-session.js';
import type { NewSession } from './session.js';
import { closingNote } from './session-notes.js';
import { CLOSED, rowOf, SESSION_TABLE } from './session-row.js';

const TERMS = { clientId: '', type: '', dialect: '', issuer: '', subject: '', audienceAsked: false };

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
  ) {}

  /** Throws what a token request would throw. */
  async run(): Promise<void> {
    const session = probeSession(nowMilliseconds());
    const { id, startedAt } = session;
    await Promise.all([
      this.reader.find(PRESENTED_LOOKUP, id),
      this.writer.write({
        statements: [
          appendStatement(SESSION_TABLE, [rowOf(session, { scope: '', audience: '[]' })]),
          { sql: 'DELETE FROM session WHERE id = ?', values: [id] },
        ],
      }),
      // On MySQL, batches of tokens use other connections than single statements. This matches no row.
      this.writer.write({
        mark: CLOSED,
        value: startedAt,
        keys: [id],
        note: closingNote(session, startedAt, { reason: 'closed', agent: {} }),
      }),
    ]);
  }
}

const probeSession = (now: number): NewSession => ({
  ...TERMS,
  ...NO_FAMILY,
  scope: [],
  audience: [],
  tokenFormat: 'opaque',
  generation: 0,
  federated: null,
  id: timeOrderedId(),
  kid: null,
  tokenDigest: '',
  startedAt: now,
  endsAt: now,
});
