import { addToGroup } from '../../protocol/groups.js';
import {
  appendStatement,
  flattenValues,
  type Mark,
  type MarkTarget,
  type SqlValue,
  type Statement,
} from '../durable-writer.js';
import { inPowersOfTwo } from '../powers-of-two.js';
import type { PostgresPool } from './postgres-pool.js';
import { type Continue, inTransaction } from './postgres-transaction.js';

const MAX_ROWS_PER_STATEMENT = 256;

/** Sets a batch of marks, with their outbox rows, in one transaction; returns for each whether it was set. */
export async function markTogether(
  pool: PostgresPool,
  target: MarkTarget,
  marks: readonly Mark[],
): Promise<boolean[]> {
  // Of several marks for one row, the first is set.
  const byKeys = new Map<string, Mark[]>();
  for (const mark of marks) addToGroup(byKeys, nameOf(mark.keys), mark);
  const firsts = [...byKeys.values()].map(([first]) => first as Mark);
  let set = new Set<unknown>();
  const note: Continue = ([updated]) => {
    const names = new Set((updated?.rows ?? []).map((row) => nameOf(target.keys.map((key) => row[key]))));
    set = new Set(firsts.filter(({ keys }) => names.has(nameOf(keys))));
    return set.size === 0 ? undefined : notesOf(target, set as Set<Mark>);
  };
  await inTransaction(pool, [updateOf(target, firsts)], note);
  return marks.map((mark) => set.has(mark));
}

const nameOf = (keys: readonly unknown[]): string => keys.join('\n');

/** In key order, the same in every process, so that few of them meet in a deadlock. */
function updateOf({ table, column, keys }: MarkTarget, marks: readonly Mark[]): Statement {
  const ordered = [...marks].sort((a, b) => (nameOf(a.keys) < nameOf(b.keys) ? -1 : 1));
  const places = `(${keys.map(() => '?').join(', ')}, ?)`;
  // The first row gives the types of all.
  const typed = `(${keys.map(() => '?::text').join(', ')}, ?::bigint)`;
  const rows = [typed, ...ordered.slice(1).map(() => places)].join(', ');
  const names = keys.map((_key, at) => `k${at}`);
  const joined = keys.map((key, at) => `t.${key} = v.k${at}`).join(' AND ');
  return {
    sql: `UPDATE ${table} t SET ${column} = v.value FROM (VALUES ${rows}) v (${names.join(', ')}, value)
      WHERE ${joined} AND t.${column} IS NULL RETURNING ${keys.map((key) => `t.${key}`).join(', ')}`,
    values: flattenValues(ordered.map(({ keys: own, value }): SqlValue[] => [...own, value])),
  };
}

function notesOf({ noted }: MarkTarget, marks: Set<Mark>): Statement[] {
  const notes = [...marks].map(({ note }) => note);
  return Array.from(inPowersOfTwo(notes, MAX_ROWS_PER_STATEMENT), (some) => appendStatement(noted, some));
}
