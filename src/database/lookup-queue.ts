export type Row = Record<string, unknown>;

/** How rows of one kind are looked up: a SELECT without a WHERE, and the unique column that is given. */
export interface Lookup {
  select: string;
  /** As the SELECT names it, and as the row does. */
  by: string;
  column: string;
}

const MOST_KEYS_IN_A_QUERY = 64;

interface Waiting {
  key: string;
  resolve: (row: Row | undefined) => void;
  reject: (error: unknown) => void;
}

/** Gathers the looks of one turn of the event loop into queries `… IN (…)`; each begins after all its callers asked. */
export class LookupQueue {
  private waiting: Waiting[] = [];

  constructor(
    private readonly lookup: Lookup,
    private readonly read: (sql: string, keys: readonly string[]) => Promise<Row[]>,
  ) {}

  find(key: string): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ key, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    const all = this.waiting;
    this.waiting = [];
    for (let start = 0; start < all.length; start += MOST_KEYS_IN_A_QUERY) {
      void this.ask(all.slice(start, start + MOST_KEYS_IN_A_QUERY));
    }
  }

  private async ask(waiting: readonly Waiting[]): Promise<void> {
    const { select, by, column } = this.lookup;
    try {
      const keys = padded(waiting.map(({ key }) => key));
      const places = keys.map(() => '?').join(', ');
      const rows = await this.read(`${select} WHERE ${by} IN (${places})`, keys);
      const found = new Map(rows.map((row) => [String(row[column]), row]));
      for (const { key, resolve } of waiting) resolve(found.get(key));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

/** Up to a power of two, so that the server prepares only a few statements; the last key stands in for what is missing. */
function padded(keys: string[]): string[] {
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  return [...keys, ...new Array<string>(size - keys.length).fill(keys.at(-1) as string)];
}
