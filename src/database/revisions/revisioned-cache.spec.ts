import { describe, expect, it } from 'vitest';
import type { ConfigurationRevision } from './configuration-revision.js';
import { RevisionedCache } from './revisioned-cache.js';

/**
 * A cache over the stored values; `answer` completes the waiting loads, each with the values at the time it began.
 */
class Stored {
  value = 'old';
  revision = 1;
  loads = 0;
  private waiting: (() => void)[] = [];

  isWithinTransaction = false;

  cache = new RevisionedCache<string>(this as unknown as ConfigurationRevision, 'clients', async () => {
    this.loads++;
    const read = this.value;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (read === 'broken') throw new Error(read);
    return read;
  });

  peek() {
    return { clients: this.revision };
  }

  answer(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  write(value: string): void {
    this.value = value;
    this.revision++;
  }
}

describe('RevisionedCache', () => {
  it('loads once for concurrent misses, and returns without a promise afterwards', async () => {
    const stored = new Stored();
    const asked = Promise.all([stored.cache.get('a'), stored.cache.get('a')]);
    stored.answer();
    expect(await asked).toEqual(['old', 'old']);
    expect(stored.cache.peek('a')).toBe('old');
    expect(stored.loads).toBe(1);
  });

  it('loads again when the revision has changed', async () => {
    const stored = new Stored();
    const before = stored.cache.get('a');
    stored.answer();
    await before;
    stored.write('new');
    const after = stored.cache.get('a');
    stored.answer();
    expect(await after).toBe('new');
  });

  it('does not cache what was read before the revision changed', async () => {
    const stored = new Stored();
    const before = stored.cache.get('a');
    stored.write('new');
    const after = stored.cache.get('a');
    stored.answer();
    expect([await before, await after]).toEqual(['old', 'new']);
    expect(stored.cache.peek('a')).toBe('new');
    expect(stored.loads).toBe(2);
  });

  it('does not cache what a transaction reads', async () => {
    const stored = new Stored();
    stored.isWithinTransaction = true;
    const within = stored.cache.get('a');
    stored.answer();
    expect(await within).toBe('old');
    stored.isWithinTransaction = false;
    expect(stored.cache.peek('a')).toBeUndefined();
    stored.value = 'committed';
    const after = stored.cache.get('a');
    stored.answer();
    expect(await after).toBe('committed');
  });

  it('does not cache a failed load', async () => {
    const stored = new Stored();
    stored.value = 'broken';
    const asked = Promise.allSettled([stored.cache.get('a'), stored.cache.get('a')]);
    stored.answer();
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    stored.value = 'mended';
    const again = stored.cache.get('a');
    stored.answer();
    expect(await again).toBe('mended');
  });
});
