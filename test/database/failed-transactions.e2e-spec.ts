import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, form, get } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

const preload = fileURLToPath(new URL('../support/fail-statement.mjs', import.meta.url));
const REVISION = '^UPDATE configuration_revision';
const SESSION = '^(INSERT|UPDATE) (INTO )?session';
const BEGIN = '^(BEGIN|START TRANSACTION)';

interface Fault {
  after?: string;
  fail: string;
}

const IN_ADMINISTRATION: [string, Fault][] = [
  ['the first statement', { fail: REVISION }],
  ['a later statement', { after: REVISION, fail: '^(INSERT INTO|UPDATE) .?client' }],
  ['COMMIT', { after: REVISION, fail: '^COMMIT' }],
];

/** MySQL has several connections, and repeats a batch row by row. */
const ON_THE_ONE_CONNECTION: [string, Fault][] = [
  ['BEGIN', { fail: BEGIN }],
  ['the statement', { fail: SESSION }],
  ['COMMIT', { after: SESSION, fail: '^COMMIT' }],
];

let folder: string;
let server: TestServer;
let reader: TestClient;

const armed = () => join(folder, 'fault.json');

/** Makes the next statement of this kind fail, and says afterwards whether there was one. */
async function failing<T>(fault: Fault, work: () => Promise<T>): Promise<T> {
  writeFileSync(armed(), JSON.stringify(fault));
  const result = await work();
  expect(existsSync(armed()), `${fault.fail} has failed`).toBe(false);
  return result;
}

const statusOf = async (answer: Promise<{ status: number }>) => (await answer).status;
const isActive = async (token: string) =>
  (await form(`${server.url}/auth/introspect`, { token }, reader.basic)).body.active;

/** Writes of every kind that are answered 2xx, and refusals among them; then a crash, and all is there. */
async function losesNothing(name: string): Promise<void> {
  const client = await aClient(server).register();
  const [kept, closed, revoked] = [
    await client.token(NATIVE),
    await client.token(NATIVE),
    await client.token(NATIVE),
  ];
  const to = admin(server);
  const refuse = () => to.put(`/Client/${client.id}`, {}, { 'if-match': 'W/"999"' });
  expect(await statusOf(refuse())).toBe(412);
  expect(await statusOf(to.put(`/Client/${name}-after`, {}))).toBe(201);
  expect(await statusOf(to.put(`/Client/${name}-after`, {}, { 'if-none-match': '*' }))).toBe(412);
  expect(await statusOf(form(`${server.url}/auth/revoke`, { token: revoked }, client.basic))).toBe(200);
  const other = await aClient(server).register();
  const ended = await other.token(NATIVE);
  expect(await statusOf(to.delete(`/Session?client=${other.id}`))).toBe(204);
  expect(await statusOf(to.patch(`/Client/${other.id}`, { active: false }))).toBe(200);
  const own = await fetch(`${server.url}/Session`, { method: 'DELETE', headers: bearer(closed) });
  expect(own.status).toBe(204);
  await server.kill();
  await server.restart();
  expect(await statusOf(admin(server).get(`/Client/${name}-after`))).toBe(200);
  expect((await admin(server).get(`/Client/${other.id}`)).body.active).toBe(false);
  expect(await Promise.all([kept, closed, revoked, ended].map(isActive))).toEqual([
    true,
    false,
    false,
    false,
  ]);
}

describe('After a transaction that did not end cleanly', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-fault-'));
    const env = { NODE_OPTIONS: `--import=${preload}`, FAULT_FILE: armed() };
    server = await startServer({ env });
    reader = await aClient(server).withGrant('Session:*:introspect').register();
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(IN_ADMINISTRATION)(
    "keeps every write answered 2xx through a crash after %s of an administrator's write failed (fault F10)",
    async (step, fault) => {
      const name = step.replaceAll(/\W/g, '').toLowerCase();
      const failed = await failing(fault, () => admin(server).put(`/Client/${name}`, {}));
      expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await statusOf(admin(server).get(`/Client/${name}`))).toBe(404);
      expect(await statusOf(get(`${server.url}/health/ready`))).toBe(200);
      await losesNothing(name);
      expect(await statusOf(admin(server).get(`/Client/${name}`))).toBe(404);
    },
  );

  it('keeps every write answered 2xx through a crash after ROLLBACK of a rejected write failed (fault F10)', async () => {
    const refused = await failing({ after: REVISION, fail: '^ROLLBACK' }, () =>
      admin(server).put('/Client/root', {}, { 'if-match': 'W/"999"' }),
    );
    expect(refused.status).toBe(412);
    await losesNothing('rollback');
  });

  it.skipIf(engine !== 'sqlite').each(ON_THE_ONE_CONNECTION)(
    'keeps every write answered 2xx through a crash after %s of a token failed (fault F10)',
    async (step, fault) => {
      const client = await aClient(server).register();
      const failed = await failing(fault, () => client.ask(NATIVE));
      expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '1']);
      await expect.poll(() => statusOf(client.ask(NATIVE)), { timeout: 5000 }).toBe(200);
      await losesNothing(`token-${step.replaceAll(/\W/g, '').toLowerCase()}`);
    },
  );

  it('keeps every write answered 2xx through a crash after COMMIT of a refresh failed (fault F10)', async () => {
    const client = await aClient(server).withTokens({ refresh_token: true }).register();
    const { refresh_token } = (await client.ask(NATIVE)).body;
    const refresh = () => client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    const failed = await failing({ after: SESSION, fail: '^COMMIT' }, refresh);
    expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '1']);
    await expect.poll(() => statusOf(refresh()), { timeout: 5000 }).toBe(200);
    await losesNothing('refresh');
  });
});
