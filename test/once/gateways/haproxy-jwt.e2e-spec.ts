import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { debianProgram } from '../../support/debian-program.js';
import { AUTH0, NATIVE } from '../../support/dialects.js';
import { type EchoApi, startEchoApi } from '../../support/echo-api.js';
import { copyExamples, exampleFile, type Gateway, makeScratch, runGateway } from '../../support/gateway.js';
import { bearer, get, request } from '../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../support/library.js';
import { freePort } from '../../support/port.js';
import { aClient, aResource } from '../../support/registration.js';

const binary = await debianProgram('haproxy');
const READ_BOOKS = { audience: LIBRARY, scope: 'book:*:read' };
const CURRENT = 'latchkey-current.pem';
const PREVIOUS = 'latchkey-previous.pem';
const UNCHANGED = 3;
const METADATA = 'resource_metadata="http://localhost:8000/.well-known/oauth-protected-resource"';

const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const exportKeys = (address: string, folder: string) =>
  spawnSync(process.execPath, [exampleFile('haproxy/export-keys.mjs'), address, folder], {
    encoding: 'utf8',
  });

describe.skipIf(!binary)('The example for HAProxy that verifies JWTs by itself', () => {
  const library = useLibrary();
  const scratch = makeScratch();
  /** Stands for the key before a rotation, so that a test can sign what Latchkey never would. */
  const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let api: EchoApi;
  let gateway: Gateway;

  /** With the keys that lie in the folder. */
  async function start(folder: string): Promise<Gateway> {
    const port = await freePort();
    copyExamples(['haproxy/haproxy-jwt.cfg'], folder, {
      '/etc/haproxy/': `${folder}/`,
      '"http://localhost:8080/"': `"${library.own}"`,
      '127.0.0.1:3000': `127.0.0.1:${api.port}`,
      '127.0.0.1:8000': `127.0.0.1:${port}`,
    });
    return runGateway(binary as string, ['-db', '-f', join(folder, 'haproxy-jwt.cfg')], port, folder);
  }

  beforeAll(async () => {
    api = await startEchoApi();
    expect(exportKeys(library.server.url, scratch).status).toBe(0);
    writeFileSync(join(scratch, PREVIOUS), pem(ours.publicKey));
    gateway = await start(scratch);
  });
  afterAll(async () => {
    await gateway?.stop();
    await api?.stop();
  });
  beforeEach(() => {
    api.seen.length = 0;
  });

  const books = (token: string, headers = {}) =>
    get(`${gateway.url}/books`, { ...bearer(token), ...headers });
  const reader = () =>
    aClient(library.server).withTokens({ token_format: 'jwt' }).withGrant('book:*:read').register();

  const now = () => Math.floor(Date.now() / 1000);
  const claims = (): JWTPayload => ({
    iss: library.own,
    sub: 'reader',
    client_id: 'reader',
    aud: LIBRARY,
    scope: 'book:*:read',
    iat: now(),
    exp: now() + 60,
    jti: 'session',
  });
  const sign = (payload: JWTPayload, header = {}, key: KeyObject | Uint8Array = ours.privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', ...header }).sign(key);
  const without = (name: string) => {
    const { [name]: _, ...rest } = claims();
    return rest;
  };

  async function refused(token: string, status: 401 | 403) {
    const answer = await books(token);
    expect(answer.status).toBe(status);
    const error = status === 401 ? 'invalid_token' : 'insufficient_scope';
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="latchkey", error="${error}", ${METADATA}, scope="book:*:read"`,
    );
    expect(api.seen).toEqual([]);
  }

  it.each([NATIVE, AUTH0])(
    'forwards a request with a JWT of the $name dialect, without the token',
    async (dialect) => {
      const client = await reader();
      const forged = { 'X-Client-Id': 'root', x_scope: '*' };
      const { status, body } = await books(await client.token(dialect, READ_BOOKS), forged);
      expect(status).toBe(200);
      expect(body.headers).toMatchObject({ 'x-client-id': client.id, 'x-scope': 'book:*:read' });
      expect(body.headers['x-session-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(body.headers).not.toHaveProperty('authorization');
      expect(body.headers).not.toHaveProperty('x_scope');
    },
  );

  it('keeps working while Latchkey is down, and accepts a closed session until its token expires', async () => {
    const token = await (await reader()).token(NATIVE, READ_BOOKS);
    const close = await request(`${library.server.url}/Session`, {
      method: 'DELETE',
      headers: bearer(token),
    });
    expect(close.status).toBe(204);
    expect((await books(token)).status).toBe(200);
    await library.server.kill();
    expect((await books(token)).status).toBe(200);
    await library.server.restart();
  });

  it('rejects an expired token', async () => {
    const brief = aClient(library.server).withTokens({ token_format: 'jwt', access_token_expiration: 2 });
    const token = await (await brief.withGrant('book:*:read').register()).token(NATIVE, READ_BOOKS);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    api.seen.length = 0;
    await refused(token, 401);
  });

  it('accepts the key from before a rotation', async () => {
    expect((await books(await sign(claims()))).status).toBe(200);
    expect((await books(await sign(claims(), { typ: 'JWT' }))).status).toBe(200);
  });

  it('rejects an opaque token and a request without a token', async () => {
    const client = await aClient(library.server).withGrant('book:*:read').register();
    await refused(await client.token(NATIVE, READ_BOOKS), 401);
    const answer = await get(`${gateway.url}/books`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="latchkey", ${METADATA}, scope="book:*:read"`,
    );
  });

  it('rejects a signature by another key or over other claims', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await refused(await sign(claims(), {}, other.privateKey), 401);
    const [header, , signature] = (await sign(claims())).split('.');
    await refused(`${header}.${encoded({ ...claims(), client_id: 'root' })}.${signature}`, 401);
    await refused(`${header}.${encoded(claims())}.`, 401);
  });

  it('rejects every other algorithm', async () => {
    const payload = encoded(claims());
    await refused(`${encoded({ alg: 'none', typ: 'at+jwt' })}.${payload}.`, 401);
    await refused(`${encoded({ alg: 'none', typ: 'at+jwt' })}.${payload}.AA`, 401);
    const published = Buffer.from(pem(ours.publicKey));
    await refused(await sign(claims(), { alg: 'HS256' }, published), 401);
    await refused(await sign(claims(), { alg: 'RS512' }), 401);
    await refused(await sign(claims(), { typ: 'logout+jwt' }), 401);
  });

  it.each(['iss', 'exp'])('rejects a token without %s', async (name) => {
    await refused(await sign(without(name)), 401);
  });

  it('rejects another issuer, and a token that expires now', async () => {
    await refused(await sign({ ...claims(), iss: `${library.own}oidc` }), 401);
    await refused(await sign({ ...claims(), exp: now() }), 401);
    await refused(await sign({ ...claims(), exp: 0 }), 401);
  });

  it('rejects another audience, and accepts its own in a list', async () => {
    await refused(await sign(without('aud')), 403);
    await refused(await sign({ ...claims(), aud: ATLAS }), 403);
    await refused(await sign({ ...claims(), aud: [ATLAS, `${LIBRARY}x`] }), 403);
    expect((await books(await sign({ ...claims(), aud: [ATLAS, LIBRARY] }))).status).toBe(200);
  });

  it.each(['book:1:read', 'xbook:*:read', 'book:*:reader', 'book:*:write', ''])(
    'rejects the scope "%s"',
    async (scope) => {
      await refused(await sign({ ...claims(), scope }), 403);
    },
  );

  it.each(['page:1:read book:*:read', 'book:read x', 'book:*', 'book', 'book:*:*', 'read'])(
    'accepts the scope "%s"',
    async (scope) => {
      expect((await books(await sign({ ...claims(), scope }))).status).toBe(200);
    },
  );

  it('accepts a long token', async () => {
    const items = Array.from({ length: 400 }, (_, index) => `book:a-longer-identifier-${index}:read`);
    const scope = [...items, 'book:*:read'].join(' ');
    const { status, body } = await books(await sign({ ...claims(), scope }));
    expect([status, body.headers['x-scope']]).toEqual([200, scope]);
  });

  it('requires another scope for another method, and rejects requests without a rule', async () => {
    const headers = bearer(await sign(claims()));
    const send = (method: string, path: string) => request(gateway.url + path, { method, headers });
    expect((await send('POST', '/books')).status).toBe(403);
    expect((await send('OPTIONS', '/books')).status).toBe(403);
    expect((await send('GET', '/books/1')).status).toBe(404);
    expect((await send('GET', '/health')).body.headers).not.toHaveProperty('authorization');
  });

  it('serves the metadata that Latchkey publishes for the resource (RFC 9728)', async () => {
    const uri = 'http://localhost:8000/';
    await aResource(library.server, 'book', ['read', 'write'], { audience: LIBRARY, uri });
    const path = '/.well-known/oauth-protected-resource';
    const published = await get(`${library.server.url}${path}/Resource/book`);
    const { status, body, headers } = await get(gateway.url + path);
    expect([status, body]).toEqual([200, published.body]);
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });

  it('names the scope that another method needs', async () => {
    const headers = bearer(await sign(claims()));
    const answer = await request(`${gateway.url}/books`, { method: 'POST', headers });
    expect(answer.headers.get('www-authenticate')).toMatch(/scope="book:\*:write"$/);
  });

  it('rejects every token while it has no keys', async () => {
    const keyless = await start(makeScratch());
    try {
      expect((await get(`${keyless.url}/books`, bearer(await sign(claims())))).status).toBe(401);
    } finally {
      await keyless.stop();
    }
  });

  it('fetches its keys from the JWK Set and reports new ones', () => {
    expect(readFileSync(join(scratch, CURRENT), 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect(exportKeys(library.server.url, scratch).status).toBe(0);
    expect(exportKeys(library.server.url, scratch).status).toBe(UNCHANGED);
    expect(readFileSync(join(scratch, PREVIOUS), 'utf8')).toBe(readFileSync(join(scratch, CURRENT), 'utf8'));
    const before = readFileSync(join(scratch, CURRENT), 'utf8');
    expect(exportKeys('http://127.0.0.1:1', scratch).status).toBe(1);
    expect(readFileSync(join(scratch, CURRENT), 'utf8')).toBe(before);
  });
});
