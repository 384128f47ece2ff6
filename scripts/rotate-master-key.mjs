import './node-version.mjs';
import { compileIfNeeded, hasSources } from './compile.mjs';
import { install } from './install.mjs';

try {
  if (hasSources) {
    await install();
    await compileIfNeeded();
  }
  await import('../dist/server/rotate-master-key.js');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
