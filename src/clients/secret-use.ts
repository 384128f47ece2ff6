import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '../config/log.js';
import { nowMilliseconds } from '../crypto/clock.js';
import { DurableWriter } from '../database/durable-writer.js';

const BETWEEN_WRITES_MILLISECONDS = 10_000;

/** Remembers when each secret was last used and writes it behind, so that no token waits for it. */
@Injectable()
export class SecretUse implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly unwritten = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly writer: DurableWriter,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.flush(), BETWEEN_WRITES_MILLISECONDS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  note(secretId: string): void {
    this.unwritten.set(secretId, nowMilliseconds());
  }

  /** What this process knows and has not written yet. */
  lastUse(secretId: string): number | undefined {
    return this.unwritten.get(secretId);
  }

  private async flush(): Promise<void> {
    const uses = [...this.unwritten];
    this.unwritten.clear();
    const writes = uses.map(([id, at]) =>
      this.writer.write({
        statements: [
          {
            sql: 'UPDATE client_secret SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)',
            values: [at, id, at],
          },
        ],
      }),
    );
    await Promise.all(writes).catch((error: Error) => {
      this.log.warn({ fault: error.name }, 'the last use of secrets was not recorded');
    });
  }
}
