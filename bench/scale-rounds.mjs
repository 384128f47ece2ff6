import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { basic, SCOPE } from './latchkey.mjs';
import { check, load } from './load.mjs';
import { interrupted } from './program.mjs';
import { clientName } from './scale-seed.mjs';
import { openDatabase } from './session-seed.mjs';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const MAX_EMIT_MS = 120_000;

/**
 * Waits until everything issued and closed before is audited, so that this work does not count for the next point.
 */
export async function untilAudited(server) {
  const database = await openDatabase(server);
  try {
    for (
      const until = Date.now() + MAX_EMIT_MS;
      Date.now() < until;
      await sleep(500, undefined, { signal: interrupted })
    ) {
      const [{ waiting }] = await database.all(
        `SELECT EXISTS (SELECT 1 FROM session WHERE id > (SELECT session_id FROM audit_scan WHERE id = 1))
           OR EXISTS (SELECT 1 FROM session_note) AS waiting`,
      );
      if (Number(waiting) === 0) return;
    }
    console.error(`${server.name}: not everything is reported yet`);
  } finally {
    await database.close();
  }
}

/**
 * Loads the servers alternately, one running at a time; returns the rounds of each. `requests` has one for each
 * server.
 */
export async function alternate(servers, requests, options) {
  const rounds = servers.map(() => []);
  for (const [at, server] of servers.entries()) {
    server.process.resume();
    if (options.checks !== false) await check(server.name, requests[at]);
    server.process.pause();
  }
  try {
    for (let round = options.warm === false ? 0 : -1; round < options.rounds; round++) {
      const turns = servers.map((_, at) => at);
      for (const at of round % 2 === 0 ? turns : turns.toReversed()) {
        const server = servers[at];
        server.process.resume();
        // The first round only warms up and drains each server's backlog.
        const result = await load(server, requests[at], options);
        server.process.pause();
        if (round >= 0) rounds[at].push(result);
      }
    }
  } finally {
    for (const server of servers) server.process.resume();
  }
  return rounds;
}

/** One line of the table: the second server compared with the first. */
export function compare(name, engine, [before, after]) {
  const middle = (rounds, key) => median(rounds.map((round) => round[key]));
  const ratios = after.map((round, at) => round.perSecond / before[at].perSecond);
  const refused = [...before, ...after].reduce((sum, { refused, broken }) => sum + refused + broken, 0);
  const cells = [
    engine,
    refused > 0 ? `${name} (${refused} refused)` : name,
    Math.round(middle(before, 'perSecond')),
    Math.round(middle(after, 'perSecond')),
    median(ratios).toFixed(2),
    Math.round(middle(before, 'cpuMicroseconds')),
    Math.round(middle(after, 'cpuMicroseconds')),
    middle(before, 'p99').toFixed(1),
    middle(after, 'p99').toFixed(1),
  ];
  console.error(cells.join(' · '));
  return cells;
}

export const COMPARED = [
  'engine',
  'path',
  'empty, per second',
  'full, per second',
  'ratio',
  'empty, CPU µs',
  'full, CPU µs',
  'empty, p99 ms',
  'full, p99 ms',
];

/** What the load sends: written to a file if it varies. */
export class Requests {
  constructor(folder) {
    this.folder = folder;
    this.files = 0;
  }

  lines(all) {
    const file = join(this.folder, `lines-${this.files++}.txt`);
    writeFileSync(file, `${all.join('\n')}\n`);
    return file;
  }

  token(server, kind) {
    return server.tokenRequest(kind);
  }

  /** Clients take turns; they share a secret, because each has its own row all the same. */
  tokenOfMany(server, count) {
    const secret = server.secrets.get('opaque');
    // In scattered order, so that adjacent requests do not use adjacent pages.
    const numbers = Array.from({ length: count }, (_, at) => (at * 7919) % count);
    const lines = this.lines(numbers.map((number) => basic(clientName(number), secret)));
    return { ...server.tokenRequest('opaque'), authorization: '', lines, linesAre: 'headers' };
  }

  about(server, kind, tokens, how = 'introspectionRequest') {
    const lines = this.lines(tokens.map((token) => `token=${encodeURIComponent(token)}`));
    return { ...server[how](kind), lines };
  }

  async issued(server, kind, count) {
    const { url, type, authorization } = server.tokenRequest(kind);
    const body = `grant_type=client_credentials&scope=${encodeURIComponent(SCOPE)}`;
    const one = async () => {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': type, authorization },
        body,
      });
      if (answer.status !== 200) throw new Error(`${server.name}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()).access_token;
    };
    const tokens = [];
    while (tokens.length < count) tokens.push(...(await Promise.all(Array.from({ length: 20 }, one))));
    return tokens;
  }
}
