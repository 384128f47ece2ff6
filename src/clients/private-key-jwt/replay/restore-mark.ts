import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RowReader } from '../../../database/row-reader.js';

/**
 * When the database was last restored from a backup. It has no record of assertions that were used between the backup
 * and then. A restore needs every server to be stopped, so this is read once.
 */
@Injectable()
export class RestoreMark implements OnModuleInit {
  private restoredAt = 0;

  constructor(private readonly reader: RowReader) {}

  async onModuleInit(): Promise<void> {
    const [row] = await this.reader.read('SELECT restored_at FROM restore_mark WHERE id = 1', []);
    this.restoredAt = Number(row?.restored_at ?? 0);
  }

  /** Whether something that was acceptable from this time on may have been used before the restore. */
  isBefore(seconds: number): boolean {
    return seconds * 1000 < this.restoredAt;
  }
}
