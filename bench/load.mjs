import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { interrupted } from './program.mjs';
import { pinned } from './server-process.mjs';

const script = fileURLToPath(new URL('wrk-request.lua', import.meta.url));
const run = promisify(execFile);

async function hasWrk() {
  try {
    await run('wrk', ['--version']);
    return true;
  } catch (error) {
    return error.code !== 'ENOENT';
  }
}

const withWrk = await hasWrk();
export const loader = withWrk ? 'wrk' : 'autocannon';

async function byWrk(
  { url, method = 'POST', body = '', type = '', authorization = '', lines = '', linesAre },
  seconds,
  connections,
) {
  const env = {
    PATH: process.env.PATH,
    BENCH_METHOD: method,
    BENCH_BODY: body,
    BENCH_TYPE: type,
    BENCH_AUTHORIZATION: authorization,
    BENCH_LINES: lines,
    BENCH_LINES_ARE: linesAre ?? (method === 'GET' ? 'headers' : 'bodies'),
  };
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url];
  const [program, ...rest] = pinned(1, ['wrk', ...args]);
  const { stdout } = await run(program, rest, { env, signal: interrupted });
  const { microseconds, p50, p99, ...counts } = JSON.parse(stdout.trim().split('\n').at(-1));
  return { ...counts, seconds: microseconds / 1e6, p50: p50 / 1000, p99: p99 / 1000 };
}

async function byAutocannon(request, seconds, connections) {
  const { default: autocannon } = await import('autocannon');
  const { url, method = 'POST', body, type, authorization, lines, linesAre } = request;
  const headers = { ...(type ? { 'content-type': type } : {}), ...(authorization ? { authorization } : {}) };
  const each = lines ? readFileSync(lines, 'utf8').trim().split('\n') : [];
  const byHeader = method === 'GET' || linesAre === 'headers';
  let at = 0;
  // Shared by all connections: each takes the next unused line.
  const setupRequest = (request) => {
    const line = each[at++ % each.length];
    if (!byHeader) return { ...request, body: line };
    return { ...request, headers: { ...request.headers, authorization: line } };
  };
  const result = await autocannon({
    ...{ url, method, headers, body, connections, duration: seconds, timeout: 10 },
    ...(each.length > 0 ? { requests: [{ setupRequest }] } : {}),
  });
  return {
    requests: result.requests.total,
    seconds: result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    refused: result.non2xx,
    broken: result.errors + result.timeouts,
  };
}

/** One round of load: its results and its cost to the server. */
export async function load(server, request, { seconds, connections }) {
  const before = server.cpuSeconds;
  const result = await (withWrk ? byWrk : byAutocannon)(request, seconds, connections);
  const cpu = server.cpuSeconds - before;
  return {
    perSecond: result.requests / result.seconds,
    cpuMicroseconds: (cpu * 1e6) / result.requests,
    cpuShare: cpu / result.seconds,
    residentBytes: server.residentBytes,
    ...result,
  };
}

/** Checks that the measured responses are real: a token, an active introspection. */
export async function check(name, request) {
  const { url, method = 'POST', type, body, lines } = request;
  const line = lines && readFileSync(lines, 'utf8').split('\n', 1)[0];
  const byHeader = method === 'GET' || request.linesAre === 'headers';
  const headers = {
    ...(type ? { 'content-type': type } : {}),
    authorization: byHeader ? line : request.authorization,
  };
  const answer = await fetch(url, { method, headers, ...(method === 'GET' ? {} : { body: body ?? line }) });
  const text = await answer.text();
  if (answer.status !== 200 || text.includes('"active":false')) {
    throw new Error(`${name}: ${answer.status} ${text}`);
  }
}
