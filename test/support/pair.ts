import { engine } from './database.js';
import { MysqlPair } from './mysql-pair.js';
import { PostgresPair } from './postgres-pair.js';

/** Two servers with one database: a primary, and a standby that follows it. */
export interface Pair {
  /** Of the database on the primary, and on the standby. */
  readonly urls: readonly [string, string];
  /** Makes the primary read-only, or writable again. */
  setReadOnly(isReadOnly: boolean): Promise<void>;
  /** The primary is gone, with what it has confirmed on the standby. */
  fail(): Promise<void>;
  /** Resolves when the standby accepts writes. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

export const startPair = (): Promise<Pair> =>
  engine === 'postgres' ? PostgresPair.start() : MysqlPair.start();

/** One `DATABASE_URL` with the hosts of these, in this order. */
export function listOf(...urls: readonly string[]): string {
  const [first, ...others] = urls.map((url) => new URL(url));
  if (!first) throw new Error('the list is empty');
  return first.href.replace(first.host, [first, ...others].map(({ host }) => host).join(','));
}
