import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { AuditKeysRepository } from '../audit/chain/audit-keys.repository.js';
import { readSettings } from '../config/environment.js';
import { InvalidSetting } from '../config/invalid-setting.js';
import { readNewMasterKey } from '../config/key-settings.js';
import type { Settings } from '../config/settings.js';
import { MasterKeyFile } from '../crypto/master-key-file.js';
import { MasterKeyRotation } from '../crypto/master-key-rotation.js';
import { Pepper } from '../crypto/pepper.entity.js';
import { PeppersRepository } from '../crypto/peppers.repository.js';
import { withDatabase } from '../database/command/command-database.js';
import { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { SigningKeyRow } from '../keys/signing-key.entity.js';
import { SigningKeysRepository } from '../keys/signing-keys.repository.js';

/** The entities that the repositories need; the repositories together return every sealed row. */
const SEALED_ENTITIES = [Pepper, SigningKeyRow];
const sealedTables = (unitOfWork: UnitOfWork) => [
  new PeppersRepository(unitOfWork),
  new AuditKeysRepository(unitOfWork),
  new SigningKeysRepository(unitOfWork),
];

/**
 * Reseals everything under a new master key while servers run; ends with one line that states the result or the
 * reason for failing.
 */
async function rotate(): Promise<string> {
  const settings = readSettings();
  const next = readNewMasterKey();
  const count = await withDatabase(settings.database, SEALED_ENTITIES, (unitOfWork) => {
    const rotationTo = (current: readonly Buffer[], key: Buffer) =>
      new MasterKeyRotation(new ConfigurationRevision(unitOfWork), sealedTables(unitOfWork), current, key);
    return settings.masterKeys.length > 0
      ? rotateSetting(settings, next, rotationTo)
      : rotateFile(new MasterKeyFile(settings.dataDir), next, rotationTo);
  });
  return settings.masterKeys.length > 0
    ? `${count} keys are sealed under the new master key. Restart all servers with this key only.`
    : `${count} keys are sealed under the new master key, which is in ${settings.dataDir}.`;
}

type RotationTo = (current: readonly Buffer[], key: Buffer) => MasterKeyRotation;

/** The new key is a separate setting, or the first of several that the servers already have. */
async function rotateSetting(
  { masterKeys }: Settings,
  given: Buffer | undefined,
  rotationTo: RotationTo,
): Promise<number> {
  const next = given ?? (masterKeys.length > 1 ? masterKeys[0] : undefined);
  if (!next) {
    throw new InvalidSetting(
      'LATCHKEY_NEW_MASTER_KEY',
      'is required, or two keys in LATCHKEY_MASTER_KEY, the new one first',
    );
  }
  return rotationTo(masterKeys, next).reseal();
}

/**
 * The file holds both keys from before the commit until after it: if this process dies at any point, the file still
 * opens the database, and the next run completes the rotation.
 */
async function rotateFile(
  file: MasterKeyFile,
  given: Buffer | undefined,
  rotationTo: RotationTo,
): Promise<number> {
  if (!file.exists())
    throw new InvalidSetting('LATCHKEY_MASTER_KEY', `is not set and ${file.name} is missing`);
  const current = file.read();
  const next = given ?? randomBytes(32);
  file.replace([next, ...current]);
  const count = await rotationTo(current, next).reseal();
  file.replace([next]);
  return count;
}

rotate().then(
  (done) => process.stdout.write(`${done}\n`),
  (error: Error) => {
    process.stderr.write(`The master key was not rotated: ${error.message.replaceAll('\n', ' ')}\n`);
    process.exitCode = 1;
  },
);
