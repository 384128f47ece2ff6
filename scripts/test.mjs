import './node-version.mjs';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chaosReport } from './chaos-report.mjs';
import { compileIfNeeded } from './compile.mjs';
import { install } from './install.mjs';
import { findLeaks } from './leak-check.mjs';
import { runRepeated } from './repeated-run.mjs';
import { openServer } from './server-part.mjs';

const HELP = `npm test -- [options] [filter ...]
  filter      run only test files whose path contains it
  --engine E  run only on this engine: sqlite, mysql or postgres; may be repeated
  --sqlite    the same as --engine sqlite
  --timing    run the comparisons of times in test/timing instead, one file at a time
  --chaos     run only the faults of test/chaos
  --full      with --chaos: all faults, repeated up to 100 times; takes about an hour for each engine
  --rounds N  with --full: at most N times
  --fault F   with --chaos: only faults whose name contains F; may be repeated`;

function readArguments() {
  try {
    return parseArgs({
      options: {
        engine: { type: 'string', multiple: true },
        sqlite: { type: 'boolean' },
        timing: { type: 'boolean' },
        chaos: { type: 'boolean' },
        full: { type: 'boolean' },
        rounds: { type: 'string' },
        fault: { type: 'string', multiple: true },
      },
      allowPositionals: true,
    });
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    return process.exit(2);
  }
}

const { values: options, positionals } = readArguments();
const filters = options.chaos ? ['test/chaos/'] : positionals;
const ENGINES = ['sqlite', 'mysql', 'postgres'];
const engines = options.sqlite ? ['sqlite'] : (options.engine ?? ENGINES);
for (const engine of engines.filter((one) => !ENGINES.includes(one))) {
  console.error(`There is no engine ${engine}.\n\n${HELP}`);
  process.exit(2);
}
const project = options.timing ? 'timing' : 'e2e';
const abort = new AbortController();
const interrupted = abort.signal;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => abort.abort(new Error(signal)));

const keptLogs = process.env.LATCHKEY_TEST_LOGS;
const logs = keptLogs ? resolve(keptLogs) : mkdtempSync(join(tmpdir(), 'latchkey-logs-'));
const chaosCounts = join(logs, 'chaos.jsonl');
rmSync(chaosCounts, { force: true });
const chaos = {
  LATCHKEY_CHAOS: options.full ? 'full' : 'short',
  LATCHKEY_CHAOS_ROUNDS: options.rounds ?? '100',
  LATCHKEY_CHAOS_FAULTS: (options.fault ?? []).join('\n'),
  LATCHKEY_CHAOS_REPORT: chaosCounts,
};
const results = [];
const skippedParts = [];

function checkLeaks(name, folder) {
  const { lines, leaks } = findLeaks(folder);
  if (lines === 0) return;
  for (const leak of leaks.slice(0, 20)) console.log(`A secret or token was logged at ${leak}`);
  const failed = leaks.length > 0 ? 1 : 0;
  results.push({ name, passed: 1 - failed, failed, skipped: 0 });
}

async function endToEnd(engine, env) {
  const folder = join(logs, engine);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const result = await runRepeated(`${options.timing ? 'timing' : 'end to end'}, ${engine}`, {
    project,
    env: { ...env, ...chaos, LATCHKEY_TEST_ENGINE: engine, LATCHKEY_TEST_LOGS: folder },
    filters,
    interrupted,
  });
  results.push(result);
  checkLeaks(`no secret in the logs, ${engine}`, folder);
  return result.passed + result.failed + result.skipped > 0;
}

async function onServer(engine) {
  const server = await openServer(engine, interrupted);
  if (server.skipped) return skippedParts.push(server.skipped);
  try {
    await endToEnd(engine, { TEST_DATABASE_URL: server.url });
  } finally {
    await server.stop();
  }
}

async function step(name, work) {
  if (interrupted.aborted) return false;
  try {
    return (await work()) ?? true;
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    results.push({ name, passed: 0, failed: 1, skipped: 0 });
    return false;
  }
}

if ((await step('install', install)) && (await step('build', compileIfNeeded))) {
  if (!options.timing && !options.chaos) {
    await step('unit', async () => {
      results.push(await runRepeated('unit', { project: 'unit', env: {}, filters, interrupted }));
    });
  }
  // Filters that match nothing on SQLite match nothing on a server, so none is started in vain.
  const matched =
    !engines.includes('sqlite') || (await step('end to end, sqlite', () => endToEnd('sqlite', {})));
  for (const engine of ENGINES.slice(1)) {
    if (!engines.includes(engine))
      skippedParts.push(`The part on ${engine} was skipped, as the options say.`);
    else if (matched) await step(`end to end, ${engine}`, () => onServer(engine));
  }
}
const counts = chaosReport(chaosCounts);
if (!keptLogs) rmSync(logs, { recursive: true, force: true });

const sum = (key) => results.reduce((total, result) => total + result[key], 0);
const passed = sum('passed');
const failed = sum('failed');
console.log('');
if (counts.length > 0) console.log(`${counts.join('\n')}\n`);
for (const { name, unsteady = [] } of results) {
  for (const failure of unsteady) console.log(`UNSTEADY, passed only alone, ${name}: ${failure}`);
}
for (const { name, failures = [] } of results) {
  for (const failure of failures) console.log(`FAILED, ${name}: ${failure}`);
}
for (const { name, passed, failed, skipped, seconds } of results) {
  const skips = skipped > 0 ? `, ${skipped} skipped` : '';
  const time = seconds === undefined ? '' : ` in ${seconds} s`;
  console.log(`${name}: ${passed} passed, ${failed} failed${skips}${time}`);
}
if (interrupted.aborted) console.log(`Interrupted by ${interrupted.reason.message}.`);
for (const skipped of skippedParts) console.log(skipped);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 || interrupted.aborted ? 1 : 0;
