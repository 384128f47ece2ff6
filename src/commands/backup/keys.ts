import { auditKeyPurpose } from '../../audit/chain/audit-keys.repository.js';
import { InvalidSetting } from '../../config/invalid-setting.js';
import type { Settings } from '../../config/settings.js';
import { MasterKeyFile } from '../../crypto/master-key-file.js';
import { MasterKeys } from '../../crypto/master-keys.js';
import { pepperPurpose } from '../../crypto/peppers.repository.js';
import { Sealer } from '../../crypto/sealer.js';
import type { Row } from '../../database/row-reader.js';
import type { SigningKeyRow } from '../../keys/signing-key.entity.js';
import { signingKeyPurpose } from '../../keys/signing-keys.repository.js';

/** Opens sealed values with the master keys of the settings. */
export function sealerOf({ masterKeys, dataDir }: Settings): Sealer {
  if (masterKeys.length > 0) return new Sealer(new MasterKeys(masterKeys));
  const file = new MasterKeyFile(dataDir);
  if (file.exists()) return new Sealer(new MasterKeys(file.read(), undefined, file.name));
  throw new InvalidSetting(
    'LATCHKEY_MASTER_KEY',
    `is not set and ${file.name} is missing: the master key under which the keys are sealed is required`,
  );
}

/** Opens the sealed value of a row, by table; throws CannotUnseal. */
const UNSEAL: Readonly<Record<string, (sealer: Sealer, row: Row) => Buffer>> = {
  pepper: (sealer, { id, sealed }) => sealer.unseal(pepperPurpose(String(id)), String(sealed)),
  audit_key: (sealer, { id, sealed }) => sealer.unseal(auditKeyPurpose(String(id)), String(sealed)),
  signing_key: (sealer, row) =>
    sealer.unseal(
      signingKeyPurpose({ kid: String(row.kid), alg: row.alg as SigningKeyRow['alg'] }),
      String(row.sealed_private_key),
    ),
};

/** Gathers the keys of a database from its rows; rejects a row that the master key does not open. */
export class OpenedKeys {
  private readonly auditKeys: { bytes: Buffer; createdAt: number; id: string }[] = [];

  constructor(private readonly sealer: Sealer) {}

  add(table: string, row: Row): void {
    const bytes = UNSEAL[table]?.(this.sealer, row);
    if (!bytes || table !== 'audit_key') return;
    this.auditKeys.push({ bytes, createdAt: Number(row.created_at), id: String(row.id) });
  }

  /** The oldest one is in use; undefined if no server has run on the database. */
  get auditKey(): Buffer | undefined {
    const [first] = this.auditKeys.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    return first?.bytes;
  }
}
