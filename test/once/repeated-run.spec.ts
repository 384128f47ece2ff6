import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Run, runRepeated } from '../../scripts/repeated-run.mjs';

const failedIn = (...failedFiles: string[]): Run => ({
  name: 'part',
  passed: 100,
  failed: failedFiles.length,
  skipped: 3,
  passedElsewhere: 90,
  failedFiles,
  failures: failedFiles.map((file) => `${file} > is quick: too slow`),
  seconds: 60,
});
const PASSED: Run = { name: 'again', passed: 12, failed: 0, skipped: 0, failures: [], seconds: 2 };

/** Answers these results in turn, and notes which files were asked for. */
function runs(...results: Run[]) {
  const asked: string[][] = [];
  const run = async (_: string, { filters }: { filters: string[] }) => {
    asked.push(filters);
    return results[asked.length - 1] as Run;
  };
  return { asked, result: () => runRepeated('part', { filters: [] }, run) };
}

describe('A part of the tests', () => {
  beforeEach(() => vi.stubEnv('CI', 'true'));
  afterEach(() => vi.unstubAllEnvs());

  it('runs its failed files once more in CI, and lists as unsteady what then passes', async () => {
    const { asked, result } = runs(failedIn('a.spec.ts', 'b.spec.ts'), PASSED);
    expect(await result()).toMatchObject({
      name: 'part',
      passed: 102,
      failed: 0,
      skipped: 3,
      seconds: 62,
      unsteady: ['a.spec.ts > is quick: too slow', 'b.spec.ts > is quick: too slow'],
    });
    expect(asked).toEqual([[], ['a.spec.ts', 'b.spec.ts']]);
  });

  it('fails where a file fails again', async () => {
    const first = failedIn('a.spec.ts', 'b.spec.ts');
    const { result } = runs(first, { ...failedIn('a.spec.ts'), passed: 11 });
    expect(await result()).toMatchObject({
      passed: 101,
      failed: 1,
      failures: ['a.spec.ts > is quick: too slow'],
      unsteady: ['b.spec.ts > is quick: too slow'],
    });
  });

  it('runs nothing again where more than three files failed, or nothing did', async () => {
    for (const first of [failedIn('a', 'b', 'c', 'd'), { ...PASSED, failedFiles: [] }]) {
      const { asked, result } = runs(first);
      expect(await result()).toBe(first);
      expect(asked).toHaveLength(1);
    }
  });

  it('runs nothing again outside CI', async () => {
    vi.stubEnv('CI', '');
    const { asked, result } = runs(failedIn('a.spec.ts'));
    expect((await result()).failed).toBe(1);
    expect(asked).toHaveLength(1);
  });
});
