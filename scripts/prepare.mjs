import { compileIfNeeded, hasSources } from './compile.mjs';
import { install } from './install.mjs';

/**
 * Prepares a clone for running. Images contain the built server and no sources: there is nothing to install or build.
 */
export async function prepare(exitCode) {
  if (!hasSources) return;
  try {
    await install();
    await compileIfNeeded();
  } catch (error) {
    console.error(error.message);
    process.exit(exitCode);
  }
}
