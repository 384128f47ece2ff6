import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
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

/** Processes that start together agree on one key: the file is made by whoever is first, then read by all. */
function keyInFolder(dataDir: string): Buffer {
  const file = path.join(dataDir, 'master.key');
  try {
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw blame('LATCHKEY_DATA_DIR', error);
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (key.length !== 32)
    throw new WrongSetting('LATCHKEY_DATA_DIR', `${file} does not hold 32 bytes in Base64`);
  return key;
}
