import './node-version.mjs';
import { fileURLToPath } from 'node:url';
import { compileIfNeeded, hasSources } from './compile.mjs';
import { install } from './install.mjs';

// Images carry the built server and no sources: there is nothing to install or build.
if (hasSources) {
  try {
    await install();
    await compileIfNeeded();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

const main = new URL('../dist/src/main.js', import.meta.url);
// Worker processes are forked from argv[1]: they need the server, not this script.
process.argv[1] = fileURLToPath(main);
await import(main.href);
