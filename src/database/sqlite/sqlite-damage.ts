import { isDamaged } from './sqlite-fault.js';

/** What was read while a file was being put back is read again. */
const MIN_DAMAGE_MS = 1000;

/**
 * Ends the process when the database file is damaged, or another one is in its place: the connections of this process
 * share what they know of the file, so that only another process sees it as it is.
 */
export class DamageWatch {
  private since: number | undefined;

  constructor(
    private readonly file: string,
    private readonly end: (reason: string) => void,
  ) {}

  saw({ code, message }: { code?: string; message: string }, replaced: boolean): void {
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
