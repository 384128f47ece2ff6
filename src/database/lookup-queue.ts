/** The columns of one row in the order of its SELECT: objects with names cost more than the look itself. */
export type Values = readonly unknown[];

/** How rows of one kind are looked up: a SELECT without a WHERE, and its first column, which is unique. */
export interface Lookup {
  select: string;
  by: string;
}

const MOST_KEYS_TOGETHER = 64;

interface Waiting {
  key: string;
  resolve: (row: Values | undefined) => void;
  reject: (error: unknown) => void;
}

/** The rows of these keys, in their order. */
export type Look = (
  keys: readonly string[],
) => readonly (Values | undefined)[] | Promise<readonly (Values | undefined)[]>;

/**
 * Gathers the looks of one turn of the event loop; each begins after all its callers asked. Together they cost less,
 * as one query or as many in a row: code that runs in a row is at hand for the processor.
 */
export class LookupQueue {
  private waiting: Waiting[] = [];

  constructor(private readonly look: Look) {}

  find(key: string): Promise<Values | undefined> {
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ key, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    const all = this.waiting;
    this.waiting = [];
    for (let start = 0; start < all.length; start += MOST_KEYS_TOGETHER) {
      void this.ask(all.slice(start, start + MOST_KEYS_TOGETHER));
    }
  }

  private async ask(waiting: readonly Waiting[]): Promise<void> {
    try {
      const rows = await this.look(waiting.map(({ key }) => key));
      waiting.forEach(({ resolve }, position) => {
        resolve(rows[position]);
      });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

/** Looks by one query `… IN (…)`. */
export const lookInOneQuery =
  ({ select, by }: Lookup, read: (sql: string, keys: readonly string[]) => Promise<Values[]>): Look =>
  async (keys) => {
    const asked = padded(keys);
    const rows = await read(`${select} WHERE ${by} IN (${asked.map(() => '?').join(', ')})`, asked);
    const found = new Map(rows.map((row) => [String(row[0]), row]));
    return keys.map((key) => found.get(key));
  };

/** Up to a power of two, so that the server prepares only a few statements; the last key stands in for what is missing. */
export function padded<T>(keys: readonly T[]): T[] {
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  return [...keys, ...new Array<T>(size - keys.length).fill(keys.at(-1) as T)];
}
