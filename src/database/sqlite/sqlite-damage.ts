import { isDamaged } from './sqlite-fault.js';

/** A read during a restore of the file is repeated after this time. */
const MIN_DAMAGE_MS = 1000;

/**
 * Ends the process if the database file is damaged or was replaced: the connections of a process share state about
 * the file, so only a new process sees it as it is.
 */
export class DamageWatch {
  private since: number | undefined;

  constructor(
    private readonly file: string,
    private readonly end: (reason: string) => void,
  ) {}

  observe({ code, message }: { code?: string; message: string }, replaced: boolean): void {
    if (!replaced && !isDamaged(code ?? '', message)) {
      this.since = undefined;
      return;
    }
    this.since ??= performance.now();
    if (performance.now() - this.since < MIN_DAMAGE_MS) return;
    const fault = replaced ? 'was replaced' : 'is damaged';
    this.end(`the database file ${this.file} ${fault} (${code}); restore it if the next start fails`);
  }

  isWhole(): void {
    this.since = undefined;
  }
}
