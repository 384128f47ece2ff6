// `npm run bench`: starts every server itself, loads them in turn, prints the results and writes them to the
// document.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compileIfNeeded } from '../scripts/compile.mjs';
import { check, load } from './load.mjs';
import { readOptions } from './options.mjs';
import { Peer } from './peer.mjs';
import { interrupted, runProgram } from './program.mjs';
import { writeReport } from './report.mjs';
import { findDatabase, startDatabase } from './scratch-database.mjs';
import { pinned } from './server-process.mjs';
import { Summary } from './summary.mjs';

const options = readOptions();
await compileIfNeeded();
const { Latchkey } = await import('./latchkey.mjs');
const { Floor } = await import('./floor.mjs');
const { POINTS } = await import('./points.mjs');

const SERVERS = {
  'latchkey, sqlite': Latchkey,
  'floor, sqlite': Floor,
  'oidc-provider': Peer,
  'latchkey, mariadb': Latchkey,
  'floor, mariadb': Floor,
  'latchkey, postgres': Latchkey,
  'floor, postgres': Floor,
};

/** The peer stores no JWTs, so its figure for opaque tokens represents both. */
const takesPart = (point, name) => {
  if (point.name.startsWith('verify')) return SERVERS[name] === Latchkey;
  return !(SERVERS[name] === Peer && point.name === 'introspection, jwt-es256');
};

const wanted = (point, name) =>
  takesPart(point, name) && options.only.every((word) => `${point.name} ${name}`.includes(word));

const chosen = Object.keys(SERVERS).filter((name) => POINTS.some((point) => wanted(point, name)));
if (chosen.length === 0) {
  console.error(`No point and server holds ${options.only.join(' and ')}`);
  process.exit(2);
}

const DATABASES = ['mariadb', 'postgres'];
const databaseOf = (name) => DATABASES.find((kind) => name.endsWith(kind));

/** The database servers that the chosen points need, by kind. */
async function startDatabases(scratch) {
  const started = new Map();
  for (const kind of DATABASES.filter((one) => chosen.some((name) => databaseOf(name) === one))) {
    const asked = chosen.every((name) => databaseOf(name) === kind);
    const program = findDatabase(asked, kind);
    if (!program) continue;
    const starting = startDatabase(program, kind);
    scratch.databases.add(starting);
    started.set(kind, await starting);
  }
  return started;
}

/** Starts only the servers, and the databases, that the chosen points need. */
async function start(scratch) {
  const databases = await startDatabases(scratch);
  for (const name of chosen) {
    const kind = databaseOf(name);
    if (kind && !databases.has(kind)) continue;
    const databaseUrl = await databases.get(kind)?.create();
    const server = new SERVERS[name](name, databaseUrl);
    scratch.servers.add(server);
    await server.start();
    await server.prepare?.();
  }
}

async function measure(point, summary, { servers, folder }) {
  const taking = [...servers].filter((server) => wanted(point, server.name));
  if (taking.length === 0) return;
  const requests = new Map();
  const prepare = async (server) => requests.set(server, await point.request(server, folder, options));
  for (const server of taking) {
    await prepare(server);
    await check(`${point.name} · ${server.name}`, requests.get(server));
    await load(server, requests.get(server), { ...options, seconds: Math.min(options.seconds, 2) });
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const server of round % 2 === 0 ? taking : taking.toReversed()) {
      if (point.eachRound) await prepare(server);
      const result = await load(server, requests.get(server), options);
      summary.add(point.name, server.name, round, result);
      console.error(
        `${point.name} · ${server.name}: ${Math.round(result.perSecond)}/s, ${Math.round(result.cpuMicroseconds)} µs` +
          `${result.refused + result.broken > 0 ? `, ${result.refused} refused, ${result.broken} broken` : ''}`,
      );
    }
  }
}

async function signingLimit() {
  const [program, ...args] = pinned(0, [process.execPath, 'bench/signing-limit.mjs']);
  const { stdout } = await promisify(execFile)(program, args, { signal: interrupted });
  return JSON.parse(stdout);
}

await runProgram('latchkey-bench-tokens-', async (scratch) => {
  await start(scratch);
  const summary = new Summary(options, await signingLimit());
  for (const point of POINTS) await measure(point, summary, scratch);
  const text = summary.markdown();
  console.log(text);
  if (options.writes) writeReport('bench', text);
});
