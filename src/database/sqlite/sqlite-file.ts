import { statSync } from 'node:fs';
import { MOVED } from './sqlite-fault.js';

/**
 * Knows the database file, and its log of writes, by device and inode. A file that was moved, deleted or hidden by
 * another file system can be written as before, by a process that has it open; what was answered would be lost.
 */
export class SqliteFile {
  private opened: string | undefined;

  constructor(private readonly file: string) {}

  /** Notes which files are open; to be called when both are. */
  remember(): void {
    this.opened ??= this.identity();
  }

  /** Throws as SQLite does for a file that has gone. */
  assertInPlace(): void {
    if (this.opened !== undefined && this.identity() !== this.opened) throw moved();
  }

  /** Whether another file is in the place of one that was opened, so that every connection has to be opened anew. */
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
  Object.assign(new Error('the database file is no longer in its place'), { code: MOVED });
