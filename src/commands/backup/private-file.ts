import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { flushFolder } from '../../runtime/flush-folder.js';

/** A file system without hard links reports one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * A file that appears under its name when it is complete and flushed, and never replaces another one. The draft beside it
 * is removed if the process fails or is interrupted.
 */
export class PrivateFile {
  readonly draft: string;

  constructor(readonly name: string) {
    this.draft = `${name}.part-${process.pid}`;
    process.once('exit', () => rmSync(this.draft, { force: true }));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => process.exit(1));
  }

  assertAbsent(): void {
    if (existsSync(this.name)) throw new Error(`${this.name} exists, and is not overwritten`);
  }

  /** The draft is complete and flushed. */
  putInPlace(): void {
    try {
      linkSync(this.draft, this.name);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!NO_LINKS.includes(code)) throw error;
      this.assertAbsent();
      renameSync(this.draft, this.name);
    }
    flushFolder(path.dirname(this.name));
  }
}
