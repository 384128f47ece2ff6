import { describe, expect, it, vi } from 'vitest';
import type { DurableWriter, Write } from '../../../database/durable-writer.js';
import type { RowReader } from '../../../database/row-reader.js';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import { UsedAssertions } from './used-assertions.js';

const writing = (write: (write: Write) => Promise<boolean>) => ({ write }) as unknown as DurableWriter;

/** Recording reads nothing. */
const NO_READER = {} as RowReader;

describe('UsedAssertions', () => {
  it('accepts one when its row is written, and does not query the database for it again', async () => {
    const write = vi.fn(async () => true);
    const used = new UsedAssertions(writing(write), NO_READER);
    expect(await used.record('c', 'j', 1000)).toBe(true);
    expect(await used.record('c', 'j', 2000)).toBe(false);
    expect(write).toHaveBeenCalledTimes(1);
    expect(await used.record('cj', '', 1000)).toBe(true);
  });

  it('rejects one whose row exists', async () => {
    const duplicate = Object.assign(new Error(), { code: 'ER_DUP_ENTRY' });
    expect(
      await new UsedAssertions(
        writing(() => Promise.reject(duplicate)),
        NO_READER,
      ).record('c', 'j', 1000),
    ).toBe(false);
  });

  it('accepts none while the database is unreachable, and accepts it afterwards', async () => {
    const write = vi.fn().mockRejectedValueOnce(new TemporarilyUnavailable()).mockResolvedValue(true);
    const used = new UsedAssertions(writing(write), NO_READER);
    await expect(used.record('c', 'j', 1000)).rejects.toBeInstanceOf(TemporarilyUnavailable);
    expect(await used.record('c', 'j', 1000)).toBe(true);
  });
});
