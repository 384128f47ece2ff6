import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askBroken, Connection, type RawAnswer } from '../fuzz/connection.js';
import { documentedStatuses } from '../fuzz/documented.js';
import { type Callers, mutation, type RawRequest } from '../fuzz/mutations.js';
import { DIALECTS, NATIVE } from '../support/dialects.js';
import { basic, get } from '../support/http.js';
import { ATLAS, LIBRARY, READ_BOOK_1, useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';

/** LATCHKEY_FUZZ_SEED sends other requests, LATCHKEY_FUZZ_REQUESTS makes it longer. */
const SEED = Number(process.env.LATCHKEY_FUZZ_SEED ?? 20_261_130);
const REQUESTS = Number(process.env.LATCHKEY_FUZZ_REQUESTS ?? 11_000);
const LINES = 6;
const MAX_GROWTH_MB = 64;
const MAX_WAIT_MS = 5_000;

const library = useLibrary();
let client: TestClient;
let callers: Callers;

beforeAll(async () => {
  const { server } = library;
  client = await aClient(server, 'fuzz-client')
    .withTokens({ refresh_token: true })
    .withGrant('book:*:read', 'map:*:zoom')
    .register();
  const bearers = await Promise.all(Array.from({ length: 40 }, () => client.token(NATIVE)));
  const root = basic(server.adminId, server.adminSecret).authorization;
  callers = { client: client.basic.authorization, root, bearers };
});

const residentMegabytes = () =>
  Number(readFileSync(`/proc/${library.server.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1]) / 1024;

const INSIDE = /node_modules|\.js:\d|SQLITE_|ER_[A-Z_]{4}|typeorm|fastify|"statusCode"| at \w+\.\w+ \(/;

function faultsOf(request: RawRequest, answers: readonly RawAnswer[]): string[] {
  const documented = documentedStatuses(request.method, request.target, request.readable);
  return answers.flatMap(({ status, body }) => [
    ...(status >= 500 ? [`status ${status}`] : []),
    ...(request.whole && !documented.has(status) ? [`status ${status} is not documented`] : []),
    ...((request.owed?.includes(status) ?? true) ? [] : [`status ${status} for a head that is refused`]),
    ...(status >= 400 && INSIDE.test(body) ? [`shows its inside: ${body.slice(0, 300)}`] : []),
  ]);
}

const reported = (request: RawRequest, index: number) =>
  `request ${index} of LATCHKEY_FUZZ_SEED=${SEED}: ${JSON.stringify(request.bytes.toString('latin1').slice(0, 1500))}`;

/** Sends all of them, a few at a time; answers what was wrong. */
async function sendAll(values: readonly fc.GeneratorValue[]): Promise<string[]> {
  const wrong: string[] = [];
  let next = 0;
  const line = async () => {
    const connection = new Connection(library.server.port);
    while (next < values.length && wrong.length < 10) {
      const index = next++;
      const request = mutation(callers, values[index] as fc.GeneratorValue);
      try {
        const answers = request.whole
          ? [await connection.ask(request.bytes, request.method === 'HEAD')]
          : await askBroken(library.server.port, request.bytes);
        wrong.push(...faultsOf(request, answers).map((fault) => `${fault}: ${reported(request, index)}`));
      } catch (error) {
        connection.close();
        wrong.push(`${(error as Error).message}: ${reported(request, index)}`);
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: LINES }, line));
  return wrong;
}

/** Asks for health all the time; answers how long the longest answer took. */
function watch(): () => Promise<number> {
  let longest = 0;
  let going = true;
  const watching = (async () => {
    while (going) {
      const start = performance.now();
      expect((await get(`${library.server.url}/health/live`)).status).toBe(200);
      longest = Math.max(longest, performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return async () => {
    going = false;
    await watching;
    return longest;
  };
}

/** Connections that say a little every second and never finish; answers which of them the server has ended. */
function slowConnections() {
  const head = 'POST /auth/token HTTP/1.1\r\nHost: x\r\n';
  const starts = [head, `${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`];
  const ended = new Set<number>();
  const sockets = starts.map((start, index) => {
    const socket = connect(library.server.port, '127.0.0.1', () => socket.write(start));
    const more = setInterval(() => socket.write(index === 0 ? 'X: y\r\n' : ' '), 1000);
    socket.on('error', () => undefined).on('data', () => undefined);
    socket.on('close', () => {
      clearInterval(more);
      ended.add(index);
    });
    return socket;
  });
  return { ended, stop: () => sockets.map((socket) => socket.destroy()) };
}

describe('Requests that are nearly valid', { timeout: 300_000 }, () => {
  let slow: ReturnType<typeof slowConnections>;
  let since = 0;

  beforeAll(() => {
    slow = slowConnections();
    since = Date.now();
  });
  afterAll(() => slow.stop());

  it('answers nearly valid requests as documented, never with 5xx, in flat memory (E05, E11, E12, L02, ASVS 16.5.4)', async () => {
    const values = fc.sample(fc.gen(), { seed: SEED, numRuns: REQUESTS });
    const watched = watch();
    const warmUp = Math.ceil(REQUESTS / 3);
    const wrong = await sendAll(values.slice(0, warmUp));
    const warm = residentMegabytes();
    wrong.push(...(wrong.length > 0 ? [] : await sendAll(values.slice(warmUp))));
    const grown = residentMegabytes() - warm;
    const longest = await watched();
    expect(wrong, `LATCHKEY_FUZZ_SEED=${SEED}`).toEqual([]);
    expect(grown, `memory in MB, from ${warm}, LATCHKEY_FUZZ_SEED=${SEED}`).toBeLessThan(MAX_GROWTH_MB);
    expect(longest, 'milliseconds for an answer of /health/live').toBeLessThan(MAX_WAIT_MS);
  });

  it('serves as before after nearly valid requests (E11, ASVS 16.5.4)', async () => {
    const fresh = await aClient(library.server).withGrant('book:1:read', 'map:1:zoom').register();
    for (const dialect of DIALECTS) expect((await fresh.ask(dialect, READ_BOOK_1)).status).toBe(200);
    expect(
      (await fresh.ask(NATIVE, { resource: [LIBRARY, ATLAS], scope: 'book:1:read map:1:zoom' })).status,
    ).toBe(200);
    expect((await get(`${library.server.url}/health/ready`)).status).toBe(200);
    expect(library.server.stderr()).not.toMatch(
      /unhandledRejection|uncaughtException|"level":"(error|fatal)"/,
    );
  });

  it('ends a request whose header or body comes too slowly (L06, ASVS 15.2.2)', async () => {
    while (slow.ended.size < 2 && Date.now() - since < 60_000)
      await new Promise((resolve) => setTimeout(resolve, 200));
    expect([...slow.ended].sort()).toEqual([0, 1]);
    expect((await client.ask(NATIVE)).status).toBe(200);
  });
});
