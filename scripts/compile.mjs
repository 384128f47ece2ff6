import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { root, run } from './run.mjs';

export const hasSources = existsSync(join(root, 'src'));

const dist = join(root, 'dist');
const stampFile = join(dist, '.sources');

function* filesUnder(folder) {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

function hashOfSources() {
  const settings = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  const files = [
    ...filesUnder('src'),
    ...filesUnder('packages/protocol'),
    ...filesUnder('migrations'),
    ...settings,
    'package-lock.json',
    'docs/openapi.yaml',
    'scripts/bundle.mjs',
  ].sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

const builtFrom = () => (existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined);

/** Builds next to `dist` and swaps it in, so that an interrupted or failed build is never started. */
export async function compile(stamp = hashOfSources()) {
  const cache = join(root, '.cache');
  const fresh = join(cache, `build-${process.pid}`);
  mkdirSync(cache, { recursive: true });
  try {
    const tsc = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
    const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh, '--noEmitOnError'];
    const code = await run(process.execPath, args);
    if (code !== 0) throw new Error(`The build failed (${code}).`);
    await bundle(join(fresh, 'src'), join(fresh, 'server'));
    // Before npm ci there is no parser of YAML to import.
    const { writeOpenApi } = await import('./openapi-json.mjs');
    writeOpenApi(fresh);
    writeFileSync(join(fresh, '.sources'), stamp);
    replaceDist(fresh, stamp);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function replaceDist(fresh, stamp) {
  rmSync(dist, { recursive: true, force: true });
  try {
    renameSync(fresh, dist);
  } catch (error) {
    // Two processes started together on a fresh clone: the other one's build of the same sources is used.
    if (builtFrom() !== stamp) throw error;
  }
}

export async function compileIfNeeded() {
  const stamp = hashOfSources();
  if (builtFrom() === stamp) return;
  console.error('Building …');
  await compile(stamp);
}
