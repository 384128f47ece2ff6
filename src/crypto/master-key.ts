import { createHash, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import { blame, WrongSetting } from '../config/environment.js';
import { Settings } from '../config/settings.js';

/** The key that seals other keys, and nothing else; from the settings, or made in the data folder on first start. */
@Injectable()
export class MasterKey {
  readonly bytes: Buffer;
  /** Names the key without telling it, so that what another key has sealed is recognised. */
  readonly id: string;

  constructor(settings: Settings) {
    this.bytes = settings.masterKey ?? keyInFolder(settings.dataDir);
    this.id = createHash('sha256')
      .update('latchkey master key id')
      .update(this.bytes)
      .digest('base64url')
      .slice(0, 8);
  }
}

/**
 * Processes that start together agree on one key: the file is made by whoever is first, then read by all. It takes its
 * name only when it is whole, so that nobody reads half a key.
 */
function keyInFolder(dataDir: string): Buffer {
  const file = path.join(dataDir, 'master.key');
  if (!existsSync(file)) makeKey(dataDir, file);
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (key.length !== 32)
    throw new WrongSetting('LATCHKEY_DATA_DIR', `${file} does not hold 32 bytes in Base64`);
  return key;
}

function makeKey(dataDir: string, file: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw blame('LATCHKEY_DATA_DIR', error);
  } finally {
    rmSync(draft, { force: true });
  }
}
