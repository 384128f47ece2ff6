import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../support/dialects.js';
import { type Answer, basic, bearer, raw, request } from '../support/http.js';
import { LIBRARY, useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { withToken } from './callers.js';

const library = useLibrary();
let reader: TestClient;
let password: Record<string, string>;

beforeAll(async () => {
  const { server } = library;
  password = basic(server.adminId, server.adminSecret);
  reader = await aClient(server).withGrant('Client:*:read', 'book:*:read').register();
});

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  request(library.server.url + path, { method, headers });

const challengesOf = ({ headers }: Answer) => headers.get('www-authenticate') ?? '';

const ROUTES = [
  ...['Client', 'Resource', 'AccessPolicy'].flatMap((type) => [
    ['GET', `/${type}`],
    ['POST', `/${type}`],
    ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, `/${type}/root`]),
  ]),
  ['GET', '/Session'],
  ['DELETE', '/Session'],
  ['DELETE', '/Session?client=root'],
  ['GET', '/Session/x'],
  ['PATCH', '/Session/x'],
  ['DELETE', '/Session/x'],
  ['POST', '/AccessPolicy/$explain'],
  ['POST', '/AccessPolicy/$who-can'],
  ['POST', '/Client/root/$rotate-secret'],
  ['GET', '/SigningKey'],
  ['GET', '/SigningKey/x'],
  ['POST', '/SigningKey/$rotate'],
] as [string, string][];

describe.each(ROUTES)('%s %s opens to nobody (A01, E09, ASVS 8.3.1)', (method, path) => {
  it('without credentials: 401, challenged without an error code', async () => {
    const answer = await ask(path, {}, method);
    expectProblem(answer, 401);
    expect(challengesOf(answer)).toContain('Bearer realm=');
    expect(challengesOf(answer)).toMatch(/(^|, )Basic realm=/);
    expect(challengesOf(answer)).not.toContain('error');
  });

  it('with a token that is none: 401 invalid_token', async () => {
    const answer = await ask(path, bearer('lka_nobodyhasissuedthistoken'), method);
    expectProblem(answer, 401);
    expect(challengesOf(answer)).toMatch(/Bearer .*error="invalid_token"/);
  });

  it('with a wrong secret', async () => {
    const answer = await ask(path, basic('root', 'not-the-secret'), method);
    expectProblem(answer, 401);
    expect(challengesOf(answer)).toContain('Basic realm=');
  });
});

describe('Basic opens', () => {
  it('to a client whose grant types hold it', async () => {
    expect((await ask('/Client', password)).status).toBe(200);
  });

  it('to no client whose grant types do not, whatever its policies', async () => {
    expectProblem(await ask('/Client', reader.basic), 401);
  });

  it('to no disabled client, and to none with another authentication method', async () => {
    const grants = { grant_types: ['basic'] };
    const disabled = await aClient(library.server)
      .with({ ...grants, active: false })
      .withGrant('Client:*:read')
      .register();
    const poster = await aClient(library.server)
      .with({ ...grants, token_endpoint_auth_method: 'client_secret_post' })
      .withGrant('Client:*:read')
      .register();
    expectProblem(await ask('/Client', disabled.basic), 401);
    expectProblem(await ask('/Client', poster.basic), 401);
  });

  it('with the same answer whatever is wrong (C10, RFC 6749 5.2)', async () => {
    const answers = await Promise.all([
      ask('/Client', basic('root', 'not-the-secret')),
      ask('/Client', basic('nobody', 'not-the-secret')),
      ask('/Client', reader.basic),
      ask('/Client', basic('ROOT', library.server.adminSecret)),
      ask('/Client', basic('root ', library.server.adminSecret)),
      ask('/Client', basic('\u{1F600}', library.server.adminSecret)),
      ask('/Client', basic("' OR 1=1 --", library.server.adminSecret)),
      ask('/Client', basic('root', `${library.server.adminSecret} `)),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.text).toBe(answers[0]?.text);
      expect(challengesOf(answer)).toBe(challengesOf(answers[0]!));
    }
  });

  it.each([
    'Basic',
    'Basic ',
    'Basic !!!',
    'Basic cm9vdA==',
    'Basic  cm9vdDp4',
    'Basic cm9vdDp4 x',
    'basic cm9vdDp4',
  ])('not with %j', async (authorization) => {
    expectProblem(await ask('/Client', { authorization }), 401);
  });

  it.each(['Digest x', 'Negotiate x', 'cm9vdDp4', 'Basics cm9vdDp4', 'Bearers x', '\u00e9'])(
    'and nothing of another scheme: %j',
    async (authorization) => {
      const answer = await ask('/Client', { authorization });
      expectProblem(answer, 401);
      expect(challengesOf(answer)).not.toContain('error');
    },
  );
});

describe('A token opens', () => {
  it.each([NATIVE, AUTH0, AUTHING])(
    'in the $name dialect, when its audience is the server’s own',
    async (dialect) => {
      const token = await reader.token(dialect, { audience: library.own, scope: 'Client:*:read' });
      expect((await ask('/Client', bearer(token))).status).toBe(200);
    },
  );

  it('when none was asked for in the native dialect', async () => {
    const token = await reader.token(NATIVE);
    expect((await ask('/Client', bearer(token))).status).toBe(200);
    expect((await ask('/Client', { authorization: `bearer ${token}` })).status).toBe(200);
  });

  it('nothing with another audience: 401 invalid_token', async () => {
    const ofLibrary = await reader.token(NATIVE, { audience: LIBRARY, scope: 'book:1:read' });
    const listing = await aClient(library.server)
      .withTokens({ audience: ['urn:somewhere-else'] })
      .withGrant('Client:*:read')
      .register();
    const unregistered = await listing.token(NATIVE);
    const ownId = await reader.token(AUTHING, { scope: 'Client:*:read' });
    for (const token of [ofLibrary, unregistered, ownId]) {
      const answer = await ask('/Client', bearer(token));
      expectProblem(answer, 401);
      expect(challengesOf(answer)).toContain('error="invalid_token"');
    }
  });

  it('with one of several audiences that is the server’s own', async () => {
    const token = await reader.token(NATIVE, { resource: [LIBRARY, library.own], scope: 'Client:*:read' });
    expect((await ask('/Client', bearer(token))).status).toBe(200);
  });

  it('nothing once it is closed, changed or cut', async () => {
    const token = await reader.token(NATIVE, { token_format: 'x' });
    expect((await ask('/Client', bearer(token))).status).toBe(200);
    for (const other of [
      token.slice(0, -1),
      `${token}x`,
      token.toUpperCase(),
      `${token.slice(0, -1)}~`,
      `${token}.`,
    ]) {
      expectProblem(await ask('/Client', bearer(other)), 401);
    }
    await withToken(library.server, token).delete('/Session');
    expectProblem(await ask('/Client', bearer(token)), 401);
  });

  it('is no refresh token and no client secret (J14, F14, RFC 8725 3.12)', async () => {
    const client = await aClient(library.server)
      .withTokens({ refresh_token: true })
      .withGrant('Client:*:read')
      .register();
    const { body } = await client.ask(NATIVE);
    expect((await ask('/Client', bearer(body.access_token))).status).toBe(200);
    expectProblem(await ask('/Client', bearer(body.refresh_token)), 401);
    expectProblem(await ask('/Client', bearer(client.secret)), 401);
  });
});

describe('Credentials come once, in the header (E10, RFC 6750 2)', () => {
  it('not in the query, not in a form', async () => {
    const token = await reader.token(NATIVE);
    expectProblem(await ask(`/Client?access_token=${token}`), 401);
    const form = { method: 'POST', body: `access_token=${token}` };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expectProblem(await request(`${library.server.url}/Client`, { ...form, headers }), 401);
  });

  it('more than one way is 400 invalid_request', async () => {
    const token = await reader.token(NATIVE);
    const answer = await ask(`/Client?access_token=${token}`, bearer(token));
    expectProblem(answer, 400);
    expect(challengesOf(answer)).toContain('error="invalid_request"');
    expectProblem(await ask('/Client?access_token=x', password), 400);
  });

  it('two headers are 400, whichever they are', async () => {
    const token = await reader.token(NATIVE);
    const header = `Authorization: ${password.authorization}\r\nAuthorization: Bearer ${token}\r\n`;
    const answer = await raw(
      library.server.port,
      `GET /Client HTTP/1.1\r\nHost: x\r\n${header}Connection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('invalid_request');
  });
});

describe('What is wrong with the caller is told before what is wrong with the request', () => {
  it('401 comes before 404, 400 and 422', async () => {
    for (const path of ['/Client/nobody', '/Client?unknown=1', '/Session/x', '/AccessPolicy/a%20b']) {
      expectProblem(await ask(path), 401);
    }
    expectProblem(await admin(library.server, {}).put('/Client/x', '{"name":'), 401);
    expectProblem(await admin(library.server, {}).post('/AccessPolicy', { engine: 'x' }), 401);
  });

  it('403 comes before 404, 400 and 422, so that nobody learns what there is', async () => {
    const nobody = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .register();
    const rest = admin(library.server, nobody.basic);
    expectProblem(await rest.get('/Client/root'), 403);
    expectProblem(await rest.get('/Client/nobody'), 403);
    expectProblem(await rest.get('/Client?unknown=1'), 403);
    expectProblem(await rest.put('/Client/nobody', '{"name":'), 403);
    expectProblem(await rest.patch('/Client/nobody', { name: 7 }), 403);
    expectProblem(await rest.delete('/Client/nobody'), 403);
    expectProblem(await rest.post('/Client', { name: 7 }), 403);
    expectProblem(await rest.post('/AccessPolicy/$explain', {}), 403);
  });
});
