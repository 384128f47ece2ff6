import type { Command } from 'commander';
import type { Connection, JsonObject } from '../connection.js';
import { print, say } from '../output.js';
import { isJson, serverOf } from './context.js';

const MAX_SKEW_SECONDS = 5;

interface Finding {
  check: string;
  ok: boolean;
  detail: string;
}

/** `doctor`: problems of a server that a client can see, with their remedies. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check readiness, clock, issuer and signing keys; ends with 1 if something is wrong')
    .action(async (_options: object, command: Command) => {
      const server = serverOf(command);
      const findings = [
        await readiness(server),
        await clock(server),
        await issuer(server),
        await keys(server),
      ];
      if (isJson(command)) print(findings, true);
      else for (const { check, ok, detail } of findings) say(`${ok ? 'ok  ' : 'FAIL'} ${check}: ${detail}`);
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

async function readiness(server: Connection): Promise<Finding> {
  const { status, body } = await server.attempt('GET', '/health/ready');
  const ok = status === 200;
  return {
    check: 'readiness',
    ok,
    detail: ok ? 'the server is ready' : `${status}: ${JSON.stringify(body)}`,
  };
}

async function clock(server: Connection): Promise<Finding> {
  const answer = await fetch(`${server.url}/health/live`);
  const date = Date.parse(answer.headers.get('date') ?? '');
  // The header has whole seconds.
  const skew = Math.round((Date.now() - date) / 1000);
  const ok = Number.isNaN(date) || Math.abs(skew) <= MAX_SKEW_SECONDS;
  const detail = Number.isNaN(date)
    ? 'the server sends no Date'
    : ok
      ? 'agrees with this machine'
      : `differs by ${skew} s from this machine: tokens may seem expired or not valid yet; run NTP on both`;
  return { check: 'clock', ok, detail };
}

async function issuer(server: Connection): Promise<Finding> {
  const { body } = await server.attempt('GET', '/.well-known/oauth-authorization-server');
  const ok =
    typeof body.token_endpoint === 'string' &&
    new URL(body.token_endpoint).origin === new URL(server.url).origin;
  const detail = ok
    ? String(body.issuer)
    : `the metadata names ${body.token_endpoint}, but this is ${server.url}: set LATCHKEY_PUBLIC_URL, or use that address`;
  return { check: 'issuer', ok, detail };
}

async function keys(server: Connection): Promise<Finding> {
  const { status, body } = await server.attempt('GET', '/SigningKey?_count=1000');
  if (status !== 200)
    return { check: 'signing keys', ok: true, detail: `not visible to this caller (${status})` };
  const entries = (body.entry ?? []) as { resource: JsonObject }[];
  const states = entries.map(({ resource }) => `${resource.alg} ${resource.state}`);
  const detail = states.length > 0 ? states.join(', ') : 'there is none: no JWT can be issued';
  return { check: 'signing keys', ok: states.length > 0, detail };
}
