import type { Connection, JsonObject } from '../connection.js';
import { type Finding, NOT_VISIBLE, right, wrong } from './finding.js';

const MAX_SKEW_SECONDS = 5;
const DAY_MS = 86_400_000;
/** Keys are rotated after 90. */
const MAX_KEY_DAYS = 100;

/** What to do about the status of `/health/ready`. */
const REMEDIES: [RegExp, string][] = [
  [/disk/, 'make room on the disk of the database'],
  [/read-only/, 'connect to the primary, or end the read-only mode'],
  [/locked|slow/, 'look for long transactions and for the load of the database'],
  [/rejects connections/, 'check the user, the password and the limit of connections in DATABASE_URL'],
  [/moved or deleted/, 'put the database file back, and restart the server'],
  [/does not answer/, 'check that the database runs, and the network to it'],
  [/stopping|starting/, 'wait'],
];

export async function readiness(server: Connection): Promise<Finding> {
  const { status, body } = await server.attempt('GET', '/health/ready');
  if (status === 200) return right('the server is ready');
  const fault = String(body.status ?? status);
  const remedy = REMEDIES.find(([pattern]) => pattern.test(fault))?.[1] ?? 'see its log';
  return wrong(`${fault}: ${remedy}`);
}

export async function clock(server: Connection): Promise<Finding> {
  const date = await server.date();
  if (date === undefined) return right('the server sends no Date');
  // The header has whole seconds.
  const skew = Math.round((Date.now() - date) / 1000);
  if (Math.abs(skew) <= MAX_SKEW_SECONDS) return right('agrees with this machine');
  return wrong(
    `differs by ${skew} s from this machine: tokens may seem expired or not valid yet; run NTP on both`,
  );
}

export async function databaseClock(server: Connection): Promise<Finding | undefined> {
  const { status, body } = await server.attempt('GET', '/health/ready');
  if (status !== 200) return NOT_VISIBLE;
  const skew = Math.round(Number(body.clock_skew_ms ?? 0) / 1000);
  if (Math.abs(skew) <= MAX_SKEW_SECONDS) return right('agrees with the server');
  return wrong(
    `the server is ${Math.abs(skew)} s ${skew > 0 ? 'ahead' : 'behind'}: run NTP on both machines`,
  );
}

export async function issuer(server: Connection): Promise<Finding> {
  const { body } = await server.attempt('GET', '/.well-known/oauth-authorization-server');
  const endpoint = String(body.token_endpoint);
  const own = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (own?.origin !== new URL(server.url).origin) {
    return wrong(
      `the metadata names ${endpoint}, but this is ${server.url}: set LATCHKEY_PUBLIC_URL, or use that address`,
    );
  }
  if (own.protocol === 'http:' && !isLoopback(own.hostname)) {
    return wrong(`${body.issuer} sends secrets and tokens unencrypted: serve it by https`);
  }
  return right(String(body.issuer));
}

const isLoopback = (host: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(host);

export async function keys(server: Connection): Promise<Finding> {
  const { status, body } = await server.attempt('GET', '/SigningKey?_count=1000');
  if (status !== 200) return right(`not visible to this caller (${status})`);
  const entries = (body.entry ?? []) as { resource: JsonObject }[];
  const found = entries.map(({ resource }) => resource);
  if (found.length === 0) return wrong('there is none: no JWT can be issued');
  const old = found.find((key) => key.state === 'current' && ageInDays(key) > MAX_KEY_DAYS);
  if (old) {
    return wrong(
      `the ${old.alg} key is ${ageInDays(old)} days old: its rotation fails; see the log for "signing-key maintenance failed"`,
    );
  }
  return right(found.map(({ alg, state }) => `${alg} ${state}`).join(', '));
}

const ageInDays = ({ signs_from: since }: JsonObject): number =>
  Math.floor((Date.now() - Date.parse(String(since))) / DAY_MS);

/** By the overview, for a caller that may see it. */
export async function processes(server: Connection): Promise<Finding | undefined> {
  const { status, body } = await server.attempt('GET', '/$overview');
  if (status !== 200) return NOT_VISIBLE;
  const { counted, configured } = body.processes as { counted: number; configured: number };
  if (counted < configured) {
    return wrong(`${counted} of ${configured} workers answer: see the log for "worker ended"`);
  }
  const { breaks } = body.audit_chain as { breaks: number };
  if (breaks > 0) {
    return wrong(`the audit chain was changed ${breaks} times by another writer: run npm run audit:check`);
  }
  return right(`${counted} of ${configured}`);
}
