import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DurableWriter, type InsertTarget } from '../../database/durable-writer.js';
import { isDuplicate } from '../../database/storage-error.js';
import { nowMilliseconds, sharedMilliseconds } from '../../runtime/clock.js';

const USED_ASSERTION: InsertTarget = { table: 'used_assertion', columns: ['id', 'expires_at'] };
const MAX_REMEMBERED = 10_000;
/** A clock may be set back: it would take once more what had expired. As long as an assertion may live. */
const KEPT_LONGER_MILLISECONDS = 3600 * 1000;

/** Accepts each assertion once, across dialects, processes and restarts (RFC 7523 3); its row is the proof. */
@Injectable()
export class UsedAssertions {
  /** Spares the database those that come again to this process. */
  private readonly seen = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  constructor(private readonly writer: DurableWriter) {}

  /** False when it was taken before. When it answers, that is durable. */
  async take(clientId: string, jti: string, expiresAtSeconds: number): Promise<boolean> {
    const id = createHash('sha256').update(`${clientId}\0${jti}`).digest('base64url');
    if (this.seen.has(id)) return false;
    // By the later of two clocks: this process goes on taking it by its own, and it is forgotten by the shared one.
    const behind = Math.max(0, sharedMilliseconds() - nowMilliseconds());
    const keptUntil = Math.ceil(expiresAtSeconds * 1000) + behind + KEPT_LONGER_MILLISECONDS;
    const taken = await this.writer.write({ into: USED_ASSERTION, row: [id, keptUntil] }).catch((error) => {
      if (isDuplicate(error)) return false;
      throw error;
    });
    this.seen.set(id, true);
    return taken;
  }
}
