import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onServer } from '../support/database.js';
import { NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import { hasScratchServer, ScratchDatabase } from '../support/scratch-database.js';
import { startServer, type TestServer } from '../support/server.js';
import { until } from './process.js';

const TIMES = 10;
const FLUSHES = 'fsync,fdatasync,msync,sync_file_range';
/** Two clocks are compared: that of strace, and that of this process in whole milliseconds. */
const TOLERANCE_MS = 2;

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

interface Span {
  from: number;
  to: number;
}

/** When each flush began and ended, in epoch milliseconds; the lines are those of `strace -f -ttt -T`. */
function flushesIn(trace: string): Span[] {
  const begun = new Map<string, number>();
  return trace.split('\n').flatMap((line) => {
    const [, thread = '', at, rest = ''] = /^(\d+)\s+(\d+\.\d+) (.*)$/.exec(line) ?? [];
    const atMs = Number(at) * 1000;
    if (rest.endsWith('<unfinished ...>')) begun.set(thread, atMs);
    const [, seconds] = / = 0 <(\d+\.\d+)>$/.exec(rest) ?? [];
    if (seconds === undefined) return [];
    if (rest.startsWith('<...')) return [{ from: begun.get(thread) ?? Number.NaN, to: atMs }];
    return [{ from: atMs, to: atMs + Number(seconds) * 1000 }];
  });
}

describe('The disk', {
  timeout: 60_000,
  skip: !hasStrace || (onServer && !hasScratchServer),
}, () => {
  let folder: string;
  let database: ScratchDatabase | undefined;
  let server: TestServer;
  let client: TestClient;
  let strace: ChildProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-strace-'));
    if (onServer) database = await ScratchDatabase.start();
    server = await startServer(database ? { databaseUrl: await database.createDatabase() } : {});
    client = await aClient(server).withTokens({ refresh_token: true }).register();
    await client.token(NATIVE);
  });
  afterAll(async () => {
    strace?.kill('SIGKILL');
    await server?.stop();
    await database?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Follows what writes, with all its threads or processes. */
  async function trace(): Promise<() => Promise<Span[]>> {
    const file = join(folder, 'trace');
    const processes = database ? database.processes() : [server.pid];
    const which = processes.flatMap((pid) => ['-p', String(pid)]);
    strace = spawn('strace', ['-f', '-ttt', '-T', '-e', `trace=${FLUSHES}`, '-o', file, ...which]);
    let said = '';
    strace.stderr?.on('data', (data) => {
      said += data;
    });
    await until(() => processes.every((pid) => said.includes(`Process ${pid} attached`)), 10_000, said);
    return async () => {
      const ended = new Promise((resolve) => strace.once('exit', resolve));
      strace.kill('SIGINT');
      await ended;
      return flushesIn(readFileSync(file, 'utf8'));
    };
  }

  async function spanOf(ask: () => Promise<{ status: number }>): Promise<Span> {
    const from = Date.now() - TOLERANCE_MS;
    expect((await ask()).status).toBe(200);
    return { from, to: Date.now() + TOLERANCE_MS };
  }

  it('is flushed between each request that issues, refreshes or revokes a token and its response', async () => {
    const stop = await trace();
    const spans: Span[] = [];
    for (let count = 0; count < TIMES; count++) {
      let issued = { access_token: '', refresh_token: '' };
      spans.push(
        await spanOf(async () => {
          const answer = await client.ask(NATIVE);
          issued = answer.body;
          return answer;
        }),
      );
      const refresh = { grant_type: 'refresh_token', refresh_token: issued.refresh_token };
      spans.push(await spanOf(() => client.post(NATIVE, refresh)));
      const token = issued.access_token;
      spans.push(await spanOf(() => form(`${server.url}/auth/revoke`, { token }, client.basic)));
    }
    const flushes = await stop();
    const unflushed = spans.filter(
      (span) => !flushes.some(({ from, to }) => from >= span.from && to <= span.to),
    );
    expect(unflushed).toEqual([]);
  });
});
