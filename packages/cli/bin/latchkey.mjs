#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../', import.meta.url));
const built = `${folder}dist/cli/src/main.js`;

/** In a clone the sources are here as well: they are built when they are newer. */
function isStale() {
  if (!existsSync(built)) return true;
  const since = statSync(built).mtimeMs;
  const sources = existsSync(`${folder}src`) ? readdirSync(`${folder}src`, { recursive: true }) : [];
  return sources.some((file) => statSync(`${folder}src/${file}`).mtimeMs > since);
}

if (existsSync(`${folder}src`) && isStale()) {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: ['ignore', 2, 2] });
}
await import(built);
