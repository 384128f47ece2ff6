import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compileIfNeeded } from '../../scripts/compile.mjs';
import { makeFirstStart } from './first-start.js';
import { startServer } from './server.js';

const COMMAND_LINE = fileURLToPath(new URL('../../packages/cli/bin/latchkey.mjs', import.meta.url));

/**
 * Builds what is stale before any test starts a server, also under plain `npx vitest`. The command line builds itself when
 * it is run, which tests that run it at once would do under each other's feet.
 */
export default async function build(): Promise<() => Promise<void>> {
  await compileIfNeeded();
  execFileSync(process.execPath, [COMMAND_LINE, '--version'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return makeFirstStart(startServer);
}
