import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, aResource, TestClient } from '../support/registration.js';
import { openRows } from '../support/rows.js';
import { startServer } from '../support/server.js';
import { expectProblem } from './answers.js';
import { aCaller } from './callers.js';

const library = useLibrary();
let root: Admin;
let made = 0;

beforeAll(() => {
  root = admin(library.server);
});

const named = (...names: string[]) => ({ operations: names.map((name) => ({ name })) });

/** Resources of two audiences, a client with a JWT for both that contains `publish`, and the owner of the one without it. */
async function aCarrier(tokens: Record<string, unknown> = { token_format: 'jwt' }, ...rules: string[]) {
  const { server } = library;
  const [docs, blog] = [`docs-${++made}`, `blog-${made}`];
  const both = [`urn:docs-${made}`, `urn:blog-${made}`] as const;
  await aResource(server, docs, ['publish'], { audience: both[0] });
  await aResource(server, blog, ['list'], { audience: both[1] });
  const granted = [`${docs}:*:*`, `${blog}:*:list`, ...rules];
  const client = await aClient(server)
    .withTokens(tokens)
    .withGrant(...granted)
    .register();
  const { rest } = await aCaller(server, `Resource:${blog}:*`, `Resource:extra-${made}:*`);
  const asks = async (resource: string[] = [...both], scope = 'publish list') =>
    (await client.ask(NATIVE, { resource, scope })).body;
  return { docs, blog, extra: `extra-${made}`, both, client, rest, asks, path: `/Resource/${blog}` };
}

const refuses = async (answer: ReturnType<Admin['patch']>, item: string) => {
  const refused = await answer;
  expectProblem(refused, 403);
  const { body } = refused;
  expect(body.detail).toMatch(/until 2\d{3}-\S+Z, JWTs for several audiences of the client /);
  expect(body.detail).toContain(`would read it as ${item}, which the caller does not hold`);
};

const accepts = async (answer: ReturnType<Admin['patch']>) => {
  const { status, text } = await answer;
  expect(status, text).toBeLessThan(300);
};

async function letEnd(clientId: string): Promise<void> {
  const rows = await openRows(library.server);
  try {
    await rows.all('UPDATE carried_name SET ends_at = ? WHERE client_id = ?', [Date.now() - 1, clientId]);
  } finally {
    await rows.close();
  }
}

describe('A name in a live JWT for several audiences', () => {
  it('becomes an operation of another of them only by a caller that holds it (fault A1, RFC 8707 2.2)', async () => {
    const { blog, both, rest, asks, path } = await aCarrier();
    const { access_token } = await asks();
    expect(decodeJwt(access_token).scope).toBe('publish list');
    await refuses(rest.patch(path, named('list', 'publish')), `${blog}:*:publish`);
    await accepts(rest.patch(path, named('list', 'announce')));
    const holder = await aCaller(library.server, `Resource:${blog}:update`, `${blog}:*:*`);
    await accepts(holder.rest.patch(path, named('list', 'publish')));
    const { scope, rejected_scope } = await asks();
    expect([scope, rejected_scope]).toEqual(['list', 'publish']);
    // The stored operation hinders no other write.
    await accepts(rest.patch(path, named('list', 'publish', 'announce')));
    await accepts(rest.put(path, { audience: both[1], ...named('list', 'publish') }));
  });

  it('becomes one after the token has expired, and for clients that have the operation anyway (fault A1)', async () => {
    const { blog, both, client, rest, asks, path } = await aCarrier();
    await asks();
    const write = () => rest.put(path, { audience: both[1], ...named('list', 'publish') });
    await refuses(write(), `${blog}:*:publish`);
    await letEnd(client.id);
    await accepts(write());
    const other = await aCarrier({ token_format: 'jwt' }, `blog-${made + 1}:*:*`);
    await other.asks();
    await accepts(other.rest.patch(other.path, named('list', 'publish')));
    expect((await other.asks()).scope).toBe('publish list');
  });

  it('becomes no operation of a resource that is renamed, created or moved, or in a Bundle (fault A1)', async () => {
    const { blog, extra, both, rest, asks, path } = await aCarrier();
    await asks();
    const rename = { request: { method: 'PATCH', url: path }, resource: named('publish') };
    await refuses(
      rest.post('/', { resourceType: 'Bundle', type: 'transaction', entry: [rename] }),
      `${blog}:*:publish`,
    );
    await accepts(rest.put(`/Resource/${extra}`, { audience: `urn:${extra}`, ...named('publish') }));
    await refuses(rest.patch(`/Resource/${extra}`, { audience: both[1] }), `${extra}:*:publish`);
    await accepts(rest.delete(`/Resource/${extra}`));
    await refuses(
      rest.put(`/Resource/${extra}`, { audience: both[1], ...named('publish') }),
      `${extra}:*:publish`,
    );
  });

  it('hinders no write where the token is opaque, refused or for one audience (fault A1)', async () => {
    const { both, client, rest, asks, path } = await aCarrier({ token_format: 'opaque' });
    await asks();
    await accepts(
      root.patch(`/Client/${client.id}`, { auth: { client_credentials: { token_format: 'jwt' } } }),
    );
    await asks([both[0]]);
    await asks([both[1]], 'list');
    expect((await asks([...both], 'list')).scope).toBe('list');
    await accepts(rest.patch(path, named('list', 'publish')));
  });

  it('stays in the tokens while the audience is not registered, in every spelling (fault A1)', async () => {
    const { extra, both, rest, asks, path } = await aCarrier();
    await asks();
    await accepts(rest.patch(path, { audience: `urn:moved-${made}`, ...named('list', 'publish') }));
    const { rest: updater } = await aCaller(library.server, `Resource:${extra}:*`, 'Client:*:update');
    const audience = both[1].replace('urn', 'URN');
    const write = (...names: string[]) => updater.put(`/Resource/${extra}`, { audience, ...named(...names) });
    await refuses(write('publish'), `${extra}:*:publish`);
    await accepts(write('list'));
  });

  it('is recorded once for equal tokens, and forgotten after their end (fault A1)', async () => {
    const { both, client, asks, rest, path } = await aCarrier();
    const rows = await openRows(library.server);
    const count = async (sql: string, ...values: unknown[]) => Number((await rows.all(sql, values))[0]?.n);
    const records = () => count('SELECT records AS n FROM name_claim');
    try {
      const before = await records();
      await asks();
      await Promise.all(Array.from({ length: 8 }, () => asks()));
      await asks([...both].reverse(), 'list publish');
      // Known although the plans of requests are made anew.
      await accepts(root.patch(`/Client/${client.id}`, { name: 'Carrier' }));
      await asks();
      expect((await records()) - before).toBe(1);
      await letEnd(client.id);
      const other = await aCarrier();
      await other.asks();
      expect(await count('SELECT COUNT(*) AS n FROM carried_name WHERE client_id = ?', client.id)).toBe(0);
    } finally {
      await rows.close();
    }
    await accepts(rest.patch(path, named('list', 'publish')));
  });
});

describe('A write that gives a name to an audience while another process issues tokens with it', () => {
  it('is rejected, or leaves no token that carries the name (fault A1, fault A5)', async () => {
    const other = await startServer({ beside: library.server });
    try {
      for (let round = 1; round <= 6; round++) {
        const { both, client, rest, path } = await aCarrier();
        const there = new TestClient(other, client.id, client.secret);
        const scopeOf = async (scope: string) =>
          decodeJwt(await there.token(NATIVE, { resource: [...both], scope })).scope;
        // The other process has the configuration of before the write, which it trusts for a moment.
        await expect.poll(() => scopeOf('list').catch(() => undefined), { timeout: 5000 }).toBe('list');
        const write = rest.patch(path, named('list', 'publish'));
        await sleep(7 * round);
        const scopes = await Promise.all([1, 2, 3, 4].map(() => scopeOf('publish list')));
        const { status, text } = await write;
        expect([200, 403], text).toContain(status);
        expect(scopes.includes('publish list')).toBe(status === 403);
      }
    } finally {
      await other.stop();
    }
  });
});
