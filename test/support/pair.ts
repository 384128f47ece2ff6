import { engine } from './database.js';
import { MysqlPair } from './mysql-pair.js';
import { PostgresPair } from './postgres-pair.js';

/** A primary database server and its standby. */
export interface Pair {
  /** Of the database on the primary, and on the standby. */
  readonly urls: readonly [string, string];
  /** Makes the primary read-only, or writable again. */
  setReadOnly(isReadOnly: boolean): Promise<void>;
  /** Ends the primary; all that it confirmed is on the standby. */
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
