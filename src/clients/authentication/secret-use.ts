import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { DurableWriter, FORCE_PRIMARY, places, type Statement } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import { nowMilliseconds } from '../../runtime/clock.js';

const WRITE_INTERVAL_MS = 10_000;
const SECRETS_PER_WRITE = 32;
const FAILURE_MESSAGE = 'secret last-use update failed';

/**
 * Records when each secret was last used, with write-behind, so that no token request waits for it: a few secrets per
 * write.
 */
@Injectable()
export class SecretUse extends BackgroundJob implements BeforeApplicationShutdown {
  private unwritten = new Map<string, number>();
  /** The entries of the current round of writes. */
  private writing = new Map<string, number>();

  constructor(
    private readonly writer: DurableWriter,
    private readonly outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: 0, idle: WRITE_INTERVAL_MS },
      busyShare: 0.5,
      failureMessage: FAILURE_MESSAGE,
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
    try {
      while (this.unwritten.size + this.writing.size > 0) await this.step();
    } catch (error) {
      this.outage.failed(this, error, FAILURE_MESSAGE);
    }
  }

  note(secretId: string): void {
    this.unwritten.set(secretId, nowMilliseconds());
  }

  /** The last use in this process that is not written yet. */
  lastUse(secretId: string): number | undefined {
    return this.unwritten.get(secretId) ?? this.writing.get(secretId);
  }

  /** One write; resolves to whether there is more to write in this round. */
  protected async step(): Promise<boolean> {
    if (this.writing.size === 0) {
      this.writing = this.unwritten;
      this.unwritten = new Map();
    }
    const some: [string, number][] = [];
    for (const use of this.writing) if (some.push(use) === SECRETS_PER_WRITE) break;
    if (some.length === 0) return false;
    await this.writer.write({ statements: [recordOf(some)] });
    for (const [id] of some) this.writing.delete(id);
    return this.writing.size > 0;
  }
}

/** Keeps a later use that another process has recorded. PostgreSQL takes the type of the CASE from its last value. */
function recordOf(uses: readonly [string, number][]): Statement {
  const times = `CASE id ${uses.map(() => 'WHEN ? THEN ?').join(' ')} ELSE last_used_at END`;
  return {
    sql: `UPDATE client_secret ${FORCE_PRIMARY} SET last_used_at = ${times}
      WHERE id IN (${places(uses)}) AND (last_used_at IS NULL OR last_used_at < ${times})`,
    values: [...uses.flat(), ...uses.map(([id]) => id), ...uses.flat()],
  };
}
