import type { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { type MasterKey, MasterKeys, masterKeyOf } from './master-keys.js';
import type { SealedTable } from './sealed-table.js';
import { Sealer } from './sealer.js';

/** The database contains nothing sealed: most likely the command was given a different database than the servers. */
export class NothingSealed extends Error {}

/** Reseals everything under another master key, in one transaction. */
export class MasterKeyRotation {
  private readonly sealer: Sealer;
  private readonly to: MasterKey;

  constructor(
    private readonly revision: ConfigurationRevision,
    private readonly tables: readonly SealedTable[],
    current: readonly Buffer[],
    next: Buffer,
  ) {
    this.to = masterKeyOf(next);
    this.sealer = new Sealer(new MasterKeys([next, ...current]));
  }

  /** Returns the number of rows resealed. Servers see a new revision; the keys they have unsealed remain valid. */
  reseal(): Promise<number> {
    return this.revision.change(['signing_keys'], async () => {
      let count = 0;
      for (const table of this.tables) count += await this.resealTable(table);
      if (count === 0) throw new NothingSealed('DATABASE_URL: this database contains no sealed rows');
      return count;
    });
  }

  private async resealTable(table: SealedTable): Promise<number> {
    const rows = await table.sealedRows();
    for (const { id, purpose, sealed } of rows) {
      await table.putSealed(id, this.sealer.seal(purpose, this.sealer.unseal(purpose, sealed), this.to));
    }
    return rows.length;
  }
}
