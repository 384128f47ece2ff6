import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { auditKeyPurpose, SELECT_AUDIT_KEYS } from '../audit/chain/audit-keys.repository.js';
import { BrokenChain } from '../audit/chain/broken-chain.js';
import { ChainCheck, type Checkpoint, type Verified } from '../audit/chain/chain-check.js';
import { readSettings } from '../config/environment.js';
import type { Settings } from '../config/settings.js';
import { MasterKeyFile } from '../crypto/master-key-file.js';
import { MasterKeys } from '../crypto/master-keys.js';
import { Sealer } from '../crypto/sealer.js';
import { loadEngine } from '../database/engines.js';
import type { RowReader } from '../database/row-reader.js';
import { createFilesPrivately } from '../database/sqlite/private-files.js';
import { withSettingErrors } from '../database/unusable-database.js';

const WITNESS = /^(\d{1,15}):([A-Za-z0-9_-]{43})$/;

/** Verifies the chain of audit events; exit code 0: intact, 1: broken, 2: could not be checked. */
async function check(): Promise<number> {
  createFilesPrivately();
  const checkpoints = process.argv.slice(2).map(parseCheckpoint);
  const settings = readSettings();
  const reader = await openReader(settings);
  try {
    const key = await readKey(settings, reader);
    const verified = await new ChainCheck((sql, values) => reader.read(sql, values), key, checkpoints).run();
    process.stdout.write(`${summaryOf(verified)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof BrokenChain)) throw error;
    const faults = [error, ...error.further].map(({ message }) => message);
    process.stdout.write(`The audit chain is broken. ${faults.join('\n')}\n`);
    return 1;
  } finally {
    await reader.close();
  }
}

/** Parses `sequence:hash` from a log line. */
function parseCheckpoint(text: string): Checkpoint {
  const [, sequence, hash] = WITNESS.exec(text) ?? [];
  if (sequence === undefined || hash === undefined) {
    throw new Error('an argument must be sequence:hash, as in a checkpoint line of the log');
  }
  return { sequence: Number(sequence), hash };
}

async function openReader({ database }: Settings): Promise<RowReader> {
  const engine = await loadEngine(database);
  const [missing] = engine.files.filter((file) => !existsSync(file));
  if (missing !== undefined)
    throw new Error(`database file ${missing} not found: run the command with the settings of the server`);
  await withSettingErrors(engine, () => engine.locate());
  return engine.openReadOnly();
}

async function readKey(settings: Settings, reader: RowReader): Promise<Buffer> {
  const { masterKeys, dataDir } = settings;
  const sealer = new Sealer(
    new MasterKeys(masterKeys.length > 0 ? masterKeys : new MasterKeyFile(dataDir).read()),
  );
  const [row] = await reader.read(SELECT_AUDIT_KEYS, []);
  if (!row) throw new BrokenChain(1, 'the key of the chain was removed');
  return sealer.unseal(auditKeyPurpose(String(row.id)), String(row.sealed));
}

function summaryOf({ count, from, to, anchor, head }: Verified): string {
  const span =
    from === undefined || to === undefined
      ? ''
      : ` from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
  const removed = anchor.sequence > 0 ? ` Events up to ${anchor.sequence} were removed by age.` : '';
  return `${count} events verified${span}. The chain ends at ${head.sequence}:${head.hash}.${removed}`;
}

check().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`The audit chain cannot be checked: ${error.message.replaceAll('\n', ' ')}\n`);
    process.exit(2);
  },
);
