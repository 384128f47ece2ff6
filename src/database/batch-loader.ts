import { places } from './durable-writer.js';

/** The columns of one row in SELECT order: objects with named members cost more than the lookup itself. */
export type Values = readonly unknown[];

export type Row = Record<string, unknown>;

/** How rows of one kind are looked up: a SELECT without a WHERE, and its first column, which is unique. */
export interface Lookup {
  select: string;
  by: string;
}

/** How all rows of a key are looked up. The first column is the row's key; NULL means every key. */
export interface RowsLookup {
  /** The statement for this many placeholders. */
  sql: (places: string) => string;
}

const MAX_KEYS_PER_QUERY = 64;

interface Waiting<T> {
  key: string;
  resolve: (found: T) => void;
  reject: (error: unknown) => void;
}

/** Returns the value for each key, in the order of the keys. */
export type BatchFn<T> = (keys: readonly string[]) => readonly T[] | Promise<readonly T[]>;

/**
 * Batches all lookups requested in one event-loop tick. The query runs after the last caller has asked, so each
 * caller sees everything committed before its call. One `IN (…)` query is cheaper than many; even without merging,
 * running them back to back is faster because the instruction cache is warm.
 */
export class BatchLoader<T> {
  private waiting: Waiting<T>[] = [];

  constructor(private readonly loadBatch: BatchFn<T>) {}

  find(key: string): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ key, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    const all = this.waiting;
    this.waiting = [];
    for (let start = 0; start < all.length; start += MAX_KEYS_PER_QUERY) {
      void this.ask(all.slice(start, start + MAX_KEYS_PER_QUERY));
    }
  }

  private async ask(waiting: readonly Waiting<T>[]): Promise<void> {
    try {
      const found = await this.loadBatch(waiting.map(({ key }) => key));
      waiting.forEach(({ resolve }, position) => {
        resolve(found[position] as T);
      });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

type Read = (sql: string, keys: readonly string[]) => Promise<Values[]>;

/** Loads with one `… IN (…)` query. */
export const loadInOneQuery =
  ({ select, by }: Lookup, read: Read): BatchFn<Values | undefined> =>
  async (keys) => {
    const asked = padded(keys);
    const rows = await read(`${select} WHERE ${by} IN (${places(asked)})`, asked);
    const found = new Map(rows.map((row) => [String(row[0]), row]));
    return keys.map((key) => found.get(key));
  };

/** Loads all rows of every key with one query, so that they come from one snapshot. */
export const loadAllInOneQuery =
  ({ sql }: RowsLookup, read: Read): BatchFn<readonly Values[]> =>
  async (keys) => {
    const asked = padded(keys);
    const found = new Map(keys.map((key): [string, Values[]] => [key, []]));
    for (const row of await read(sql(places(asked)), asked)) {
      const [key] = row;
      if (key !== null) found.get(String(key))?.push(row);
      else for (const rows of found.values()) rows.push(row);
    }
    return keys.map((key) => found.get(key) ?? []);
  };

/** Pads to a power of two with the last key, so that the server prepares only a few statements. */
export function padded<T>(keys: readonly T[]): T[] {
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  return [...keys, ...new Array<T>(size - keys.length).fill(keys.at(-1) as T)];
}
