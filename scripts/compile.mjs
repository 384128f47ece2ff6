import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { consoleSources, writeConsole } from './console.mjs';
import { root, run } from './run.mjs';
import { filesUnder, hashOf } from './sources.mjs';

export const hasSources = existsSync(join(root, 'src'));

const dist = join(root, 'dist');
const stampFile = join(dist, '.sources');

function hashOfSources() {
  const settings = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  return hashOf([
    ...filesUnder('src'),
    ...filesUnder('packages/protocol'),
    ...filesUnder('migrations'),
    ...settings,
    ...consoleSources(),
    'docs/openapi.yaml',
    'scripts/bundle.mjs',
  ]);
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
    await writeConsole(fresh);
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
