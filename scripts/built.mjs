import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/**
 * Runs a built command without installing or compiling anything: next to a running server that would replace the
 * files it runs from, and a service user cannot write them.
 */
export async function runBuilt(command, failureCode) {
  const file = join(root, 'dist', 'server', `${command}.js`);
  if (!existsSync(file)) {
    console.error(`${command} is not built: run \`npm start\` or \`npm run build\` first`);
    process.exit(failureCode);
  }
  await import(file);
}
