import { statSync } from 'node:fs';
import { MOVED } from './sqlite-fault.js';

/**
 * Identifies the database file and its write-ahead log by device and inode. A process that has the file open can
 * still write to it after it was moved, deleted or hidden by a mount; what it confirms would be lost.
 */
export class SqliteFile {
  private opened: string | undefined;

  constructor(private readonly file: string) {}

  /** Records which files are open; call it when both are. */
  remember(): void {
    this.opened ??= this.identity();
  }

  /** Throws SQLite's error for a file that has been removed. */
  assertInPlace(): void {
    if (this.opened !== undefined && this.identity() !== this.opened) throw moved();
  }

  /** Whether a file that was opened has been replaced, so that every connection has to be reopened. */
  get replaced(): boolean {
    return this.opened !== undefined && inodeOf(this.file) !== '' && this.identity() !== this.opened;
  }

  private identity(): string {
    return `${inodeOf(this.file)} ${inodeOf(`${this.file}-wal`)}`;
  }
}

function inodeOf(file: string): string {
  try {
    const { dev, ino } = statSync(file);
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}

export const moved = (): Error =>
  Object.assign(new Error('the database file was moved or deleted'), { code: MOVED });
