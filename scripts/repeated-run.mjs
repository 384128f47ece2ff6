import { runVitest } from './vitest-run.mjs';

/** More files than these fail for a reason. */
const MAX_REPEATED_FILES = 3;

/**
 * Runs tests; in CI, whose machine is shared, runs the few files that failed once more, without others beside them. What then
 * passes counts as passed and is listed as unsteady: a fault of the test or of the product that has to be mended.
 */
export async function runRepeated(name, options, run = runVitest) {
  const first = await run(name, options);
  const files = first.failedFiles ?? [];
  if (!process.env.CI || files.length === 0 || files.length > MAX_REPEATED_FILES) return first;
  const again = await run(`${name}, failed files once more`, { ...options, filters: files });
  const { failures = [] } = again;
  return {
    ...again,
    name,
    passed: first.passedElsewhere + again.passed,
    skipped: first.skipped,
    seconds: first.seconds + (again.seconds ?? 0),
    unsteady: first.failures.filter((failure) => !failures.includes(failure)),
  };
}
