import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { asSettingError, InvalidSetting } from '../config/invalid-setting.js';
import { makePrivate } from '../database/sqlite/private-files.js';
import { makePrivateFolder } from '../database/sqlite/private-folder.js';
import { flushFolder } from '../runtime/flush-folder.js';

const KEY_LINE = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * The master key in the data directory: 32 bytes in Base64, and a second line only during a rotation. The file is
 * renamed into place when it is complete, so that no process reads half a key.
 */
export class MasterKeyFile {
  readonly name: string;

  constructor(private readonly dataDir: string) {
    this.name = path.join(dataDir, 'master.key');
  }

  exists(): boolean {
    return existsSync(this.name);
  }

  read(): Buffer[] {
    this.blaming(() => makePrivate(this.name));
    const lines = this.blaming(() => readFileSync(this.name, 'utf8'))
      .trim()
      .split(/\s+/);
    if (!lines.every((line) => KEY_LINE.test(line))) {
      throw new InvalidSetting('LATCHKEY_DATA_DIR', `${this.name} does not contain 32 bytes in Base64`);
    }
    return lines.map((line) => Buffer.from(line, 'base64'));
  }

  /** Creates the first key. If several processes start together, exactly one of them creates it. */
  make(): void {
    this.blaming(() => makePrivateFolder(this.dataDir));
    this.write([randomBytes(32)], (draft) => {
      try {
        linkSync(draft, this.name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    });
  }

  /** Replaces the keys in the file; the file keeps its owner. */
  replace(keys: readonly Buffer[]): void {
    this.write(keys, (draft) => {
      const { uid, gid } = statSync(this.name);
      chownSync(draft, uid, gid);
      renameSync(draft, this.name);
    });
  }

  private write(keys: readonly Buffer[], putInPlace: (draft: string) => void): void {
    const draft = `${this.name}.${process.pid}`;
    const text = keys.map((key) => `${key.toString('base64')}\n`).join('');
    try {
      this.blaming(() => {
        writeFileSync(draft, text, { mode: 0o600, flush: true });
        putInPlace(draft);
        flushFolder(this.dataDir);
      });
    } finally {
      rmSync(draft, { force: true });
    }
  }

  private blaming<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      // Errors of reading a directory contain no path.
      throw asSettingError('LATCHKEY_DATA_DIR', error, this.name);
    }
  }
}
