import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DurableWriter, type InsertTarget } from '../../../database/durable-writer.js';
import { RowReader } from '../../../database/row-reader.js';
import { isDuplicate } from '../../../database/storage-error.js';
import { nowMilliseconds, sharedMilliseconds } from '../../../runtime/clock.js';

const USED_ASSERTION: InsertTarget = { table: 'used_assertion', columns: ['id', 'expires_at'] };
const MAX_REMEMBERED = 10_000;
/** A clock that is set back would accept expired assertions again. As long as the maximum lifetime of an assertion. */
const RETENTION_MARGIN_MS = 3600 * 1000;

/** Accepts each assertion once, across dialects, processes and restarts (RFC 7523 3); its row is the record. */
@Injectable()
export class UsedAssertions {
  /** Saves the database query for repetitions in this process. */
  private readonly seen = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
  ) {}

  /** Whether it was recorded, without recording it. */
  async has(issuer: string, jti: string): Promise<boolean> {
    const rows = await this.reader.read('SELECT id FROM used_assertion WHERE id = ?', [idOf(issuer, jti)]);
    return rows.length > 0;
  }

  /**
   * `issuer` is whose namespace the `jti` is in: the client, or a trusted issuer. Returns false if it was recorded before.
   * The record is durable when this resolves.
   */
  async record(issuer: string, jti: string, expiresAtSeconds: number): Promise<boolean> {
    const id = idOf(issuer, jti);
    if (this.seen.has(id)) return false;
    // By the later of two clocks: this process accepts it by its own clock, and rows are deleted by the shared one.
    const behind = Math.max(0, sharedMilliseconds() - nowMilliseconds());
    const keptUntil = Math.ceil(expiresAtSeconds * 1000) + behind + RETENTION_MARGIN_MS;
    const isNew = await this.writer.write({ into: USED_ASSERTION, row: [id, keptUntil] }).catch((error) => {
      if (isDuplicate(error)) return false;
      throw error;
    });
    this.seen.set(id, true);
    return isNew;
  }
}

const idOf = (issuer: string, jti: string): string =>
  createHash('sha256').update(`${issuer}\0${jti}`).digest('base64url');
