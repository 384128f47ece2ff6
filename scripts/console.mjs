import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { root } from './run.mjs';
import { filesUnder, hashOf } from './sources.mjs';

const cache = join(root, '.cache', 'built-console');

export const consoleSources = () => [...filesUnder('console'), 'scripts/console.mjs', 'package-lock.json'];

/** Builds the console into `folder`, or copies the build of the same sources. */
export async function writeConsole(folder) {
  const built = join(cache, hashOf(consoleSources()));
  if (!existsSync(built)) await build(built);
  cpSync(built, join(folder, 'console'), { recursive: true });
}

export async function build(target) {
  const fresh = `${target}-${process.pid}`;
  const { build: buildWithVite } = await import('vite');
  const { NODE_ENV } = process.env;
  // With another value, as in a test, React's development build would be used.
  process.env.NODE_ENV = 'production';
  try {
    await buildWithVite({
      configFile: join(root, 'console', 'vite.config.ts'),
      root: join(root, 'console'),
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true },
    });
    compressFiles(fresh);
    keepOnly(fresh, target);
  } finally {
    // Programs that this process starts afterwards would inherit it.
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Once here instead of at each request. */
function compressFiles(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!['.html', '.js', '.css', '.svg'].includes(extname(name))) continue;
    const file = join(folder, name);
    const content = readFileSync(file);
    writeFileSync(`${file}.br`, brotliCompressSync(content));
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
}

function keepOnly(fresh, target) {
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  try {
    renameSync(fresh, target);
  } catch (error) {
    // Another process has built the same sources meanwhile.
    if (!existsSync(target)) throw error;
  }
  for (const name of readdirSync(folder)) {
    const other = join(folder, name);
    if (other !== target && !/-\d+$/.test(name)) rmSync(other, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeConsole(process.argv[2]);
