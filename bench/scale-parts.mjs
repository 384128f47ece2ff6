import { setTimeout as sleep } from 'node:timers/promises';
import { load } from './load.mjs';
import { alternate, compare, median, untilAudited } from './scale-rounds.mjs';
import { clientName } from './scale-seed.mjs';
import { openDatabase, seedTokens } from './session-seed.mjs';

const MIB = 1024 * 1024;
const TOKENS_ASKED_ABOUT = 500;
export const OLD_TOKENS = 20_000;
const REVOKED_EACH_SECOND = 25_000;
const LISTS = 20;

const memoryOf = (server) => Math.round(server.residentBytes / MIB);

/** Tokens, introspections and revocations on an empty server and a full one. */
export async function speed({ empty, full, requests, options, engine, lines, oldTokens }) {
  const add = async (name, pair) => {
    await Promise.all([empty, full].map(untilAudited));
    lines.compared.push(compare(name, engine, await alternate([empty, full], pair, options)));
  };
  const both = async (make) => [await make(empty), await make(full)];
  await add('token, jwt-es256', await both((server) => requests.token(server, 'jwt-es256')));
  await add('token, opaque', await both((server) => requests.token(server, 'opaque')));
  const one = requests.token(empty, 'opaque');
  for (const count of [1000, options.clients].filter((count, at) => at > 0 || count < options.clients)) {
    const name = `token, opaque, ${count} clients in turn (empty: one)`;
    await add(name, [one, requests.tokenOfMany(full, count)]);
  }
  const fresh = (server) => requests.issued(server, 'opaque', TOKENS_ASKED_ABOUT);
  const recent = await both(async (server) => requests.about(server, 'opaque', await fresh(server)));
  await add('introspection, tokens of one client', recent);
  await add(`introspection, ${oldTokens.length} old tokens of as many clients (empty: one client)`, [
    recent[0],
    requests.about(full, 'opaque', oldTokens),
  ]);
  await revocation({ empty, full, requests, options, engine, lines });
}

async function revocation({ empty, full, requests, options, engine, lines }) {
  await Promise.all([empty, full].map(untilAudited));
  const rounds = [[], []];
  for (let round = 0; round < options.rounds; round++) {
    const count = options.seconds * REVOKED_EACH_SECOND;
    const pair = [];
    for (const server of [empty, full]) {
      pair.push(
        requests.about(server, 'opaque', await seedTokens(server, 'opaque', count), 'revocationRequest'),
      );
    }
    const once = await alternate([empty, full], pair, { ...options, rounds: 1, warm: false, checks: false });
    for (const at of [0, 1]) rounds[at].push(...once[at]);
  }
  lines.compared.push(compare('revocation', engine, rounds));
}

/** Pages of lists, one request at a time. */
export async function lists({ empty, full, options, engine, lines }) {
  const day = new Date(Date.now() - 10 * 3_600_000).toISOString();
  const some = clientName(7);
  const asked = {
    'GET /Client': () => '/Client',
    'GET /Client, page 1000': deep('/Client', options.clients),
    'GET /Client, next of a deep page': after('/Client', options.clients),
    'GET /Client?name=': () => '/Client?name=Machine%2019',
    'GET /Client?name=, without a match': () => '/Client?name=nobody',
    'GET /Client/:id': () => `/Client/${some}`,
    'GET /AccessPolicy': () => '/AccessPolicy',
    'GET /AccessPolicy, last page': deep('/AccessPolicy', options.policies),
    'GET /AccessPolicy?client=': () => `/AccessPolicy?client=${some}`,
    'GET /AccessPolicy?resource=': () => '/AccessPolicy?resource=library',
    'GET /Session': () => '/Session',
    'GET /Session, page 1000': deep('/Session', options.sessions),
    'GET /Session, next of a deep page': after('/Session', options.sessions),
    'GET /Session?client=': () => `/Session?client=${some}`,
    'GET /Session?client= that has a tenth, active': () => `/Session?client=${clientName(0)}&active=true`,
    'GET /Session?active=true': () => '/Session?active=true',
    'GET /Session?start=ge': () => `/Session?start=ge${day}`,
    'GET /Session?start=lt': () => `/Session?start=lt${day}`,
    // Inactive sessions and audiences have no index: every session may be read.
    'GET /Session?active=false': () => '/Session?active=false',
    'GET /Session?_sort=start': () => '/Session?_sort=start',
    'GET /Session?audience=, without a match': () => '/Session?audience=nobody',
  };
  for (const [name, path] of Object.entries(asked)) {
    const cells = [engine, name];
    for (const [at, server] of [empty, full].entries()) {
      const times = await timesOf(server, await path(server, at === 0 ? 200 : undefined));
      cells.push(inMilliseconds(median(times)), inMilliseconds(Math.max(...times)));
    }
    console.error(cells.join(' · '));
    lines.lists.push(cells);
  }
}

const inMilliseconds = (time) => (time === Number.POSITIVE_INFINITY ? 'no answer' : time.toFixed(1));

const deep =
  (path, count) =>
  (_server, there = count) =>
    `${path}?_page=${Math.min(1000, Math.ceil(there / 50))}`;

const after =
  (path, count) =>
  async (server, there = count) => {
    const page = await server.admin(
      'GET',
      `${path}?_page=${Math.max(1, Math.min(999, Math.ceil(there / 50) - 2))}`,
    );
    return page.link.find(({ relation }) => relation === 'next')?.url ?? path;
  };

/** At most ten seconds for each kind of list, and a single request if that takes longer. */
async function timesOf(server, path) {
  const times = [];
  for (const until = performance.now() + 10_000; times.length < LISTS && performance.now() < until; ) {
    const began = performance.now();
    try {
      await server.admin('GET', path);
    } catch (error) {
      console.error(`${server.name}: ${path}: ${error.message}`);
      return [Number.POSITIVE_INFINITY];
    }
    times.push(performance.now() - began);
  }
  return times;
}

/** Tokens while ended sessions are swept, compared with a server that has as many old sessions still open. */
export async function sweep({ still, sweeping, requests, options, engine, lines }) {
  const ended = async (server) => {
    const database = await openDatabase(server);
    try {
      const [row] = await database.all(`SELECT COUNT(*) AS found FROM session WHERE ends_at < ${Date.now()}`);
      return Number(row.found);
    } finally {
      await database.close();
    }
  };
  for (const kind of ['jwt-es256', 'opaque']) {
    const before = await ended(sweeping);
    const pair = [requests.token(still, kind), requests.token(sweeping, kind)];
    const began = performance.now();
    const rounds = await alternate([still, sweeping], pair, options);
    const seconds = (options.rounds + 1) * options.seconds;
    const removed = before - (await ended(sweeping));
    const name = `token, ${kind}, while ${Math.round(removed / seconds)} ended sessions a second are removed`;
    lines.compared.push(compare(name, engine, rounds));
    console.error(
      `${engine}: ${before} ended, ${removed} removed in ${Math.round(performance.now() - began)} ms`,
    );
  }
}

/** Closing a client's sessions: one mark. */
export async function closing({ full, options, engine, lines, tokenOfFirst }) {
  const client = clientName(0);
  const introspect = async () => {
    const { url, type, authorization } = full.introspectionRequest('opaque');
    const headers = { 'content-type': type, authorization };
    const answer = await fetch(url, { method: 'POST', headers, body: `token=${tokenOfFirst}` });
    return (await answer.json()).active;
  };
  if (!(await introspect())) throw new Error('the token of a seeded session is not active');
  const began = performance.now();
  await full.admin('DELETE', `/Session?client=${client}`);
  const milliseconds = performance.now() - began;
  if (await introspect()) throw new Error('a closed session is active');
  const many = Math.round(options.sessions / 10);
  lines.facts.push([engine, `closing the ${many} sessions of one client, ms`, milliseconds.toFixed(1)]);
  const disabled = performance.now();
  await full.admin('PATCH', `/Client/${clientName(1)}`, { active: false });
  lines.facts.push([engine, 'disabling a client, ms', (performance.now() - disabled).toFixed(1)]);
}

/** Resident memory while a million tokens are issued. */
export async function memory({ full, requests, options, engine, lines }) {
  const request = requests.token(full, 'opaque');
  const seen = [memoryOf(full)];
  const began = performance.now();
  for (let made = 0; made < options.tokens; ) {
    const result = await load(full, request, { ...options, seconds: 5 });
    if (result.refused + result.broken > 0) throw new Error(`${full.name} refused tokens`);
    made += result.requests;
    // The last round may issue more than asked for; ten samples are taken all the same.
    while (seen.length <= 10 && made >= (seen.length * options.tokens) / 10) seen.push(memoryOf(full));
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const name = `memory in MiB before, and after each tenth of ${options.tokens} tokens (${seconds} s)`;
  lines.facts.push([engine, name, seen.join(', ')]);
}

export async function startUp(server) {
  const times = [];
  for (let time = 0; time < 3; time++) {
    await server.stop();
    await server.start();
    times.push(server.startMilliseconds);
  }
  await sleep(500);
  return { milliseconds: Math.round(median(times)), memory: memoryOf(server) };
}
