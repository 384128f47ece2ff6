import { describe, expect, it } from 'vitest';
import { BatchLoader, loadAllInOneQuery, loadInOneQuery, type Values } from './batch-loader.js';

const LOOKUP = { select: 'SELECT id FROM t', by: 't.id' };

function queueOver(stored: readonly string[]) {
  const queries: { sql: string; keys: readonly string[] }[] = [];
  const read = async (sql: string, keys: readonly string[]): Promise<Values[]> => {
    queries.push({ sql, keys });
    return stored.filter((id) => keys.includes(id)).map((id) => [id]);
  };
  const queue = new BatchLoader(loadInOneQuery(LOOKUP, read));
  return { queue, queries };
}

describe('BatchLoader', () => {
  it('queries the keys of one tick once, and returns to each its own row', async () => {
    const { queue, queries } = queueOver(['a', 'b']);
    const rows = await Promise.all(['b', 'x', 'a', 'b'].map((key) => queue.find(key)));
    expect(rows).toEqual([['b'], undefined, ['a'], ['b']]);
    expect(queries).toHaveLength(1);
  });

  it('returns all rows of a key, and rows without a key to every caller', async () => {
    const stored = ['a', 'b', 'a', null];
    const queries: string[] = [];
    const read = async (sql: string, keys: readonly string[]): Promise<Values[]> => {
      queries.push(sql);
      return stored.filter((id) => id === null || keys.includes(id)).map((id, at) => [id, at]);
    };
    const queue = new BatchLoader(loadAllInOneQuery({ sql: (places) => `… IN (${places})` }, read));
    const rows = await Promise.all(['a', 'x', 'b'].map((key) => queue.find(key)));
    const ofAll = [null, 3];
    expect(rows).toEqual([[['a', 0], ['a', 2], ofAll], [ofAll], [['b', 1], ofAll]]);
    expect(queries).toEqual(['… IN (?, ?, ?, ?)']);
  });

  it('pads the keys to a power of two', async () => {
    const { queue, queries } = queueOver([]);
    await Promise.all(['a', 'b', 'c'].map((key) => queue.find(key)));
    expect(queries[0]).toEqual({
      sql: 'SELECT id FROM t WHERE t.id IN (?, ?, ?, ?)',
      keys: ['a', 'b', 'c', 'c'],
    });
  });

  it('starts a new query for keys requested after one has begun', async () => {
    const { queue, queries } = queueOver(['a']);
    await queue.find('a');
    await queue.find('a');
    expect(queries).toHaveLength(2);
  });

  it('queries at most 64 keys at once', async () => {
    const { queue, queries } = queueOver([]);
    await Promise.all(Array.from({ length: 65 }, (_, key) => queue.find(`${key}`)));
    expect(queries.map(({ keys }) => keys.length)).toEqual([64, 1]);
  });

  it('rejects every caller of a failed query', async () => {
    const queue = new BatchLoader(() => Promise.reject(new Error('gone')));
    const asked = await Promise.allSettled(['a', 'b'].map((key) => queue.find(key)));
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
