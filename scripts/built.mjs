import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/**
 * Runs a built command as it is. Beside a running server nothing is installed or compiled: that would replace the files
 * that it runs, and a service user may not write them.
 */
export async function runBuilt(command, failureCode) {
  const file = join(root, 'dist', 'server', `${command}.js`);
  if (!existsSync(file)) {
    console.error(`${command} is not built: run \`npm start\` or \`npm run build\` first`);
    process.exit(failureCode);
  }
  await import(file);
}
