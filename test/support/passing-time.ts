import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const preload = fileURLToPath(new URL('./passing-time.mjs', import.meta.url));

/** Lets time pass for the caches of one server under test, whose monotonic clock goes ahead; the time of day does not. */
export class PassingTime {
  private readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-time-'));
  private readonly file = join(this.folder, 'offset');
  private offset = 0;
  /** For the environment of the server. */
  readonly env = { NODE_OPTIONS: `--import=${preload}`, TEST_PASSED_TIME_FILE: this.file };

  constructor() {
    this.pass(0);
  }

  pass(milliseconds: number): void {
    this.offset += milliseconds;
    writeFileSync(`${this.file}.next`, String(this.offset));
    renameSync(`${this.file}.next`, this.file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
