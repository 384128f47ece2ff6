import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const lockFile = join(root, 'package-lock.json');
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.latchkey-lock');

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** Whether `npm ci` was run by hand: npm's own record of the tree matches the lock file. */
function npmInstalled(lock) {
  const record = read(join(modules, '.package-lock.json'));
  if (!record) return false;
  const present = JSON.parse(record).packages;
  return Object.entries(JSON.parse(lock).packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = present[path];
    if (!found) return Boolean(wanted.optional || wanted.devOptional);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

export async function install() {
  const lock = readFileSync(lockFile, 'utf8');
  const stamp = createHash('sha256').update(lock).digest('hex');
  if (read(stampFile) === stamp) return;

  if (!npmInstalled(lock)) {
    console.error('Installing dependencies (npm ci) …');
    // The build needs development packages even if NODE_ENV=production would omit them.
    // Nest's command line is for development only; npm would warn that it requires a newer Node than the server.
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const code = await run('npm', args, { shell: process.platform === 'win32' });
    if (code !== 0) throw new Error(`npm ci failed (${code}).`);
  }
  writeFileSync(stampFile, stamp);
}
