import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const preload = fileURLToPath(new URL('./shifted-clock.mjs', import.meta.url));

/** Longer than a server caches the offset. */
const SEEN_MS = 20;

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The time of day of one server under test: the time of the machine plus an offset that the test sets. */
export class TestClock {
  private readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-clock-'));
  private readonly file = join(this.folder, 'offset');

  constructor(offsetMilliseconds = 0) {
    this.write(offsetMilliseconds);
  }

  /** The environment variables of the server. */
  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--import=${preload}`, TEST_CLOCK_OFFSET_FILE: this.file };
  }

  /** Resolves when the server uses it. */
  async set(offsetMilliseconds: number): Promise<void> {
    this.write(offsetMilliseconds);
    await sleep(SEEN_MS);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Atomic, because the server may read it at any time. */
  private write(offset: number): void {
    const next = `${this.file}.next`;
    writeFileSync(next, String(offset));
    renameSync(next, this.file);
  }
}
