import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findServer as findMariadb } from '../scripts/mariadb.mjs';
import { findServer as findPostgres } from '../scripts/postgres.mjs';
import { loader } from './load.mjs';
import { pins } from './server-process.mjs';

const file = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const version = (name) => createRequire(import.meta.url)(`${name}/package.json`).version;

function databaseVersions() {
  const read = (program, args) => execFileSync(program, args, { encoding: 'utf8' });
  const [mariadb, postgres] = [findMariadb(), findPostgres()];
  return [
    ...(mariadb ? [read(mariadb, ['--no-defaults', '--version']).match(/Ver (\S+)/)?.[1]] : []),
    ...(postgres ? [`PostgreSQL ${read(postgres, ['--version']).match(/ (\d\S*)/)?.[1]}`] : []),
  ];
}

/** The machine on which the figures were measured. */
function machine() {
  const parts = [
    `${availableParallelism()} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    `Node ${process.version} (OpenSSL ${process.versions.openssl})`,
    ...databaseVersions(),
    `fastify ${version('fastify')}`,
    `oidc-provider ${version('oidc-provider')}`,
    `${loader}${pins ? ', server on core 0, load on core 1' : ', nothing pinned'}`,
  ];
  return `${new Date().toISOString().slice(0, 10)} · ${parts.join(' · ')}`;
}

/** Writes a table between its markers in docs/performance.md. */
export function writeReport(mark, text) {
  const [start, end] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
  const before = readFileSync(file, 'utf8');
  const [head, rest] = before.split(start);
  const tail = rest?.split(end)[1];
  if (tail === undefined) throw new Error(`docs/performance.md has no marks ${start} and ${end}`);
  writeFileSync(file, `${head}${start}\n\n${machine()}\n\n${text}\n${end}${tail}`);
}
