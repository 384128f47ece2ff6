// `npm run bench:scale`: compares a server with much data to an empty one, on both engines.
import { compileIfNeeded } from '../scripts/compile.mjs';
import { runProgram } from './program.mjs';
import { writeReport } from './report.mjs';
import { readScaleOptions } from './scale-options.mjs';
import { findDatabase, startDatabase } from './scratch-database.mjs';

const options = readScaleOptions();
await compileIfNeeded();
const { Latchkey } = await import('./latchkey.mjs');
const { endedTimes, livingTimes, oldButLiving, Seed } = await import('./scale-seed.mjs');
const { COMPARED, Requests } = await import('./scale-rounds.mjs');
const parts = await import('./scale-parts.mjs');

const NEARLY_EMPTY = { clients: 200, policies: 200, sessions: 200 };
const MARIADB = { innodb_buffer_pool_size: 2 ** 30, innodb_log_file_size: 2 ** 30 };

const lines = { compared: [], lists: [], facts: [] };
let servers;
let mariadb;

async function remove(...some) {
  for (const server of some) {
    await server.remove();
    servers.delete(server);
  }
}

const say = (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

async function newServer(name, engine) {
  const server = new Latchkey(
    `${name}, ${engine}`,
    engine === 'mariadb' ? await mariadb.create() : undefined,
  );
  servers.add(server);
  await server.start();
  await server.prepare();
  // A gateway, which introspects the tokens of other clients.
  await server.admin('PUT', '/AccessPolicy/gateway', {
    engine: 'rules',
    link: [{ resourceType: 'Client', id: 'opaque' }],
    rules: [{ effect: 'allow', resource: 'Session', identifier: '*', operations: ['introspect'] }],
  });
  return server;
}

/** Inserts rows while the server is stopped. */
async function seeded(server, work) {
  await server.stop();
  const seed = await Seed.open(server);
  const began = performance.now();
  try {
    return await work(seed);
  } finally {
    await seed.close();
    say(`${server.name}: seeded in ${Math.round((performance.now() - began) / 1000)} s`);
    await server.start();
  }
}

async function fill(server, sizes) {
  return seeded(server, async (seed) => {
    const times = livingTimes(sizes.sessions);
    await seed.configuration(sizes);
    await seed.sessions(times, sizes.clients);
    return {
      oldTokens: await seed.tokens(times, Math.min(parts.OLD_TOKENS, sizes.sessions / 10)),
      tokenOfFirst: await seed.tokenOfFirst(times),
    };
  });
}

async function measureFull(engine, requests) {
  const wanted = ['speed', 'lists', 'closing', 'memory'].filter((part) => options.parts.includes(part));
  if (wanted.length === 0) return;
  const empty = await newServer('empty', engine);
  const full = await newServer('full', engine);
  await fill(empty, NEARLY_EMPTY);
  const made = await fill(full, options);
  const context = { empty, full, requests, options, engine, lines, ...made };
  for (const server of [empty, full]) {
    const { milliseconds, memory } = await parts.startUp(server);
    lines.facts.push([engine, `start-up of ${server.name}, ms`, milliseconds]);
    lines.facts.push([engine, `memory of ${server.name} after it, MiB`, memory]);
  }
  for (const part of wanted) {
    say(`${engine}: ${part}`);
    await parts[part](context);
  }
  for (const server of [empty, full]) {
    const memory = Math.round(server.residentBytes / 2 ** 20);
    lines.facts.push([engine, `memory of ${server.name} after everything, MiB`, memory]);
  }
  await remove(empty, full);
}

async function measureSweep(engine, requests) {
  if (!options.parts.includes('sweep')) return;
  const still = await newServer('still', engine);
  const sweeping = await newServer('sweeping', engine);
  const clients = 1000;
  await seeded(still, (seed) => seed.sessions(oldButLiving(options.ended), clients));
  await seeded(sweeping, (seed) => seed.sessions(endedTimes(options.ended), clients));
  sweeping.process.pause();
  say(`${engine}: sweep`);
  await parts.sweep({ still, sweeping, requests, options, engine, lines });
  await remove(still, sweeping);
}

async function tuneDatabase() {
  const { default: mysql } = await import('mysql2/promise');
  const connection = await mysql.createConnection({ uri: mariadb.url });
  for (const [name, value] of Object.entries(MARIADB)) {
    await connection.query(`SET GLOBAL ${name} = ${value}`).catch((error) => say(error.message));
  }
  await connection.end();
}

function table(columns, words, rows) {
  if (rows.length === 0) return '';
  const rule = columns.map((_, at) => (at < words ? '---' : '---:'));
  return `${[columns, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function report() {
  const { clients, policies, sessions, rounds, seconds, connections } = options;
  return [
    `Full: ${clients} clients, ${policies} policies, ${sessions} sessions; empty: 200 of each. ${rounds} rounds of ${seconds} s, ${connections} connections; lists one at a time.\n`,
    table(COMPARED, 2, lines.compared),
    table(['engine', 'list', 'empty, ms', 'at most', 'full, ms', 'at most'], 2, lines.lists),
    table(['engine', 'fact', 'value'], 2, lines.facts),
  ]
    .filter(Boolean)
    .join('\n');
}

async function measureAll(scratch) {
  const program = options.engines.includes('mariadb') && findDatabase(options.asksEngine);
  const requests = new Requests(scratch.folder);
  for (const engine of options.engines) {
    if (engine === 'mariadb') {
      if (!program) continue;
      const starting = startDatabase(program);
      scratch.databases.add(starting);
      mariadb = await starting;
      await tuneDatabase();
    }
    await measureSweep(engine, requests);
    await measureFull(engine, requests);
  }
}

await runProgram('latchkey-scale-', async (scratch) => {
  servers = scratch.servers;
  try {
    await measureAll(scratch);
  } finally {
    if (Object.values(lines).some((some) => some.length > 0)) console.log(report());
  }
  if (options.writes) writeReport('bench:scale', report());
});
