import './node-version.mjs';
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

await import('../dist/server/main.js');
