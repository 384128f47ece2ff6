import { appendAlone } from '../../audit/chain/append-alone.js';
import type { Connection } from '../../database/command/isolated.js';
import type { Run } from '../../database/engine/run.js';
import { TABLES } from '../../database/schema/tables.js';
import { readBackup } from './backup-reader.js';
import type { Header } from './format.js';
import { closeAllSessions, revisionsOf } from './invalidation.js';
import type { OpenedKeys } from './keys.js';
import { chainEnd, isUnused, type Loss, lastJwtEndsAt, lossOf } from './present-database.js';
import { RowWriter } from './row-writer.js';

/** What a restore has done. */
export interface Restored {
  /** The number of active sessions in the backup, which are closed. */
  closedSessions: number;
  /** The end of the audit chain of the backup, `sequence:hash`. */
  head: string;
  /** When the last JWT that is known here expires. */
  lastJwtEndsAt: number;
  /** Undefined if the database was empty. */
  loss: Loss | undefined;
}

/** Replaces all rows by those of a backup, in the open transaction, and invalidates every token issued before. */
export class Restoration {
  constructor(
    private readonly file: string,
    private readonly header: Header,
    private readonly keys: OpenedKeys,
  ) {}

  async write(connection: Connection): Promise<Restored> {
    const { run, quoted } = connection;
    const loss = (await isUnused(connection)) ? undefined : await lossOf(run, Date.parse(this.header.date));
    const replaced = await revisionsOf(run);
    for (const { name } of TABLES) await run(`DELETE FROM ${quoted(name)}`, []);
    await this.copy(connection);
    const closedSessions = await closeAllSessions(run, replaced, Date.now());
    const head = await chainEnd(run);
    const jwts = Math.max(await lastJwtEndsAt(run), loss?.lastJwtEndsAt ?? 0);
    await this.record(run, closedSessions, loss);
    await run('DELETE FROM restore_mark', []);
    await run('INSERT INTO restore_mark (id, restored_at) VALUES (1, ?)', [Date.now()]);
    return { closedSessions, head, lastJwtEndsAt: jwts, loss };
  }

  /** The file is verified again: it may have been replaced since it was read first. */
  private async copy(connection: Connection): Promise<void> {
    const writer = new RowWriter(connection);
    await readBackup(this.file, {
      row: (table, values) => writer.add(table, values),
      auditKey: () => this.keys.auditKey,
    });
    await writer.flush();
  }

  private async record(run: Run, closedSessions: number, loss: Loss | undefined): Promise<void> {
    const { auditKey } = this.keys;
    if (!auditKey) throw new Error('the backup contains no audit key');
    await appendAlone(run, auditKey, {
      action: 'backup.restore',
      outcome: 'success',
      detail: {
        backup_date: this.header.date,
        closed_sessions: closedSessions,
        ...(loss ? { replaced_chain_end: loss.head } : {}),
      },
    });
  }
}
