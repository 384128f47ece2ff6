import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DurableWriter, FORCE_PRIMARY, places, type Statement } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import { nowMilliseconds } from '../../runtime/clock.js';

const BETWEEN_WRITES_MILLISECONDS = 10_000;
const SECRETS_IN_A_WRITE = 32;
const COMPLAINT = 'secret last-use update failed';

/**
 * Remembers when each secret was last used and writes it behind, so that no token waits for it: a few secrets at a
 * time, however many there were.
 */
@Injectable()
export class SecretUse implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private unwritten = new Map<string, number>();
  /** What was taken to be written since the last pause. */
  private writing = new Map<string, number>();
  private readonly chore: BackgroundJob;

  constructor(
    private readonly writer: DurableWriter,
    private readonly outage: Outage,
  ) {
    this.chore = new BackgroundJob(outage, {
      step: () => this.writeSome(),
      intervalMs: { busy: 0, idle: BETWEEN_WRITES_MILLISECONDS },
      busyShare: 0.5,
      failureMessage: COMPLAINT,
    });
  }

  onApplicationBootstrap(): void {
    this.chore.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.chore.stop();
    try {
      while (this.unwritten.size + this.writing.size > 0) await this.writeSome();
    } catch (error) {
      this.outage.failed(this, error, COMPLAINT);
    }
  }

  note(secretId: string): void {
    this.unwritten.set(secretId, nowMilliseconds());
  }

  /** What this process knows and has not written yet. */
  lastUse(secretId: string): number | undefined {
    return this.unwritten.get(secretId) ?? this.writing.get(secretId);
  }

  /** Answers whether more is to be written before the next pause. */
  private async writeSome(): Promise<boolean> {
    if (this.writing.size === 0) {
      this.writing = this.unwritten;
      this.unwritten = new Map();
    }
    const some: [string, number][] = [];
    for (const use of this.writing) if (some.push(use) === SECRETS_IN_A_WRITE) break;
    if (some.length === 0) return false;
    await this.writer.write({ statements: [recordOf(some)] });
    for (const [id] of some) this.writing.delete(id);
    return this.writing.size > 0;
  }
}

/** Another process may have recorded a later use. */
function recordOf(uses: readonly [string, number][]): Statement {
  const times = `CASE id ${uses.map(() => 'WHEN ? THEN ?').join(' ')} END`;
  return {
    sql: `UPDATE client_secret ${FORCE_PRIMARY} SET last_used_at = ${times}
      WHERE id IN (${places(uses)}) AND (last_used_at IS NULL OR last_used_at < ${times})`,
    values: [...uses.flat(), ...uses.map(([id]) => id), ...uses.flat()],
  };
}
