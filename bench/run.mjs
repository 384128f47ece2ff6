// `npm run bench`: starts every server itself, loads them in turn, prints and writes down what came of it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileIfNeeded } from '../scripts/compile.mjs';
import { check, load } from './load.mjs';
import { readOptions } from './options.mjs';
import { Peer } from './peer.mjs';
import { writeReport } from './report.mjs';
import { startDatabase } from './scratch-database.mjs';
import { pinned } from './server-process.mjs';
import { Summary } from './summary.mjs';

const options = readOptions();
await compileIfNeeded();
const { Latchkey } = await import('./latchkey.mjs');
const { Floor } = await import('./floor.mjs');
const { POINTS } = await import('./points.mjs');

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-tokens-'));
const mariadb = await startDatabase();
const servers = [];
process.once('SIGINT', () => void clear().then(() => process.exit(130)));

async function clear() {
  await Promise.all(servers.map((server) => server.remove()));
  await mariadb?.stop();
  rmSync(folder, { recursive: true, force: true });
}

const wanted = (name) => options.only.every((word) => name.includes(word));

async function start() {
  servers.push(new Latchkey('latchkey, sqlite'), new Floor('floor, sqlite'), new Peer());
  if (mariadb) {
    servers.push(new Latchkey('latchkey, mariadb', await mariadb.create()));
    servers.push(new Floor('floor, mariadb', await mariadb.create()));
  }
  for (const server of servers) {
    await server.start();
    await server.prepare?.();
  }
}

/** Of JWTs the peer keeps nothing: what it knows of opaque tokens stands for both. */
const takesPart = (point, server) => {
  if (point.name.startsWith('verify')) return server instanceof Latchkey;
  return !(server instanceof Peer && point.name === 'introspection, jwt-es256');
};

async function measure(point, summary) {
  const taking = servers.filter(
    (server) => takesPart(point, server) && wanted(`${point.name} ${server.name}`),
  );
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

function signingLimit() {
  const [program, ...args] = pinned(0, [process.execPath, 'bench/signing-limit.mjs']);
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8' }));
}

try {
  await start();
  const summary = new Summary(options, signingLimit());
  for (const point of POINTS) await measure(point, summary);
  const text = summary.markdown();
  console.log(text);
  if (options.writes) writeReport('bench', text);
} finally {
  await clear();
}
