import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { withToken } from '../../admin/callers.js';
import { admin } from '../../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../../support/dialects.js';
import { type Answer, basic, bearer, raw, request } from '../../support/http.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

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
  ['POST', '/AccessPolicy/$difference'],
  ['POST', '/Client/root/$rotate-secret'],
  ['POST', '/Client/root/$add-secret'],
  ['POST', '/Client/root/$end-secret'],
  ['POST', '/Client/root/$contain'],
  ['POST', '/Client/root/$hand-over'],
  ['GET', '/Client/root/$blast-radius'],
  ['GET', '/Client/root/$rotation'],
  ['GET', '/SigningKey'],
  ['GET', '/SigningKey/x'],
  ['POST', '/SigningKey/$rotate'],
] as [string, string][];

describe.each(ROUTES)('Rejects unauthenticated callers of %s %s (A01, E09, ASVS 8.3.1)', (method, path) => {
  it('rejects a request without credentials with 401 and a challenge without an error code', async () => {
    const answer = await ask(path, {}, method);
    expectProblem(answer, 401);
    expect(challengesOf(answer)).toContain('Bearer realm=');
    expect(challengesOf(answer)).toMatch(/(^|, )Basic realm=/);
    expect(challengesOf(answer)).not.toContain('error');
  });

  it('rejects an invalid token with 401 invalid_token', async () => {
    const answer = await ask(path, bearer('lka_nobodyhasissuedthistoken'), method);
    expectProblem(answer, 401);
    expect(challengesOf(answer)).toMatch(/Bearer .*error="invalid_token"/);
  });

  it('rejects a wrong secret', async () => {
    const answer = await ask(path, basic('root', 'not-the-secret'), method);
    expectProblem(answer, 401);
    expect(challengesOf(answer)).toContain('Basic realm=');
  });
});

describe('Basic authentication of administrators', () => {
  it('accepts Basic from a client whose grant types include it', async () => {
    expect((await ask('/Client', password)).status).toBe(200);
  });

  it('rejects Basic from a client whose grant types do not include it, whatever its policies', async () => {
    expectProblem(await ask('/Client', reader.basic), 401);
  });

  it('rejects Basic from a disabled client and from one with another authentication method', async () => {
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

  it('gives the same response whatever is wrong with Basic credentials (C10, RFC 6749 5.2)', async () => {
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
  ])('rejects the Basic header %j', async (authorization) => {
    expectProblem(await ask('/Client', { authorization }), 401);
  });

  it.each(['Digest x', 'Negotiate x', 'cm9vdDp4', 'Basics cm9vdDp4', 'Bearers x', '\u00e9'])(
    'rejects a header of another scheme: %j',
    async (authorization) => {
      const answer = await ask('/Client', { authorization });
      expectProblem(answer, 401);
      expect(challengesOf(answer)).not.toContain('error');
    },
  );
});

describe('Token authentication of administrators', () => {
  it.each([NATIVE, AUTH0, AUTHING])(
    "accepts a token of the $name dialect for the server's own audience",
    async (dialect) => {
      const token = await reader.token(dialect, { audience: library.own, scope: 'Client:*:read' });
      expect((await ask('/Client', bearer(token))).status).toBe(200);
    },
  );

  it('accepts a native token requested without an audience', async () => {
    const token = await reader.token(NATIVE);
    expect((await ask('/Client', bearer(token))).status).toBe(200);
    expect((await ask('/Client', { authorization: `bearer ${token}` })).status).toBe(200);
  });

  it('rejects a token for another audience with 401 invalid_token', async () => {
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

  it("accepts a token with several audiences that include the server's own", async () => {
    const token = await reader.token(NATIVE, { resource: [LIBRARY, library.own], scope: 'Client:*:read' });
    expect((await ask('/Client', bearer(token))).status).toBe(200);
  });

  it('rejects a closed, modified or truncated token', async () => {
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

  it('rejects a refresh token or client secret used as a token (J14, F14, RFC 8725 3.12)', async () => {
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

describe('Accepts credentials once, in the header (E10, RFC 6750 2)', () => {
  it('rejects credentials in the query or a form', async () => {
    const token = await reader.token(NATIVE);
    expectProblem(await ask(`/Client?access_token=${token}`), 401);
    const form = { method: 'POST', body: `access_token=${token}` };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expectProblem(await request(`${library.server.url}/Client`, { ...form, headers }), 401);
  });

  it('rejects credentials sent in more than one way with 400 invalid_request', async () => {
    const token = await reader.token(NATIVE);
    const answer = await ask(`/Client?access_token=${token}`, bearer(token));
    expectProblem(answer, 400);
    expect(challengesOf(answer)).toContain('error="invalid_request"');
    expectProblem(await ask('/Client?access_token=x', password), 400);
  });

  it('rejects two Authorization headers with 400, whatever they contain', async () => {
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

describe('Order of checks', () => {
  it('answers 401 before 404, 400 and 422', async () => {
    for (const path of ['/Client/nobody', '/Client?unknown=1', '/Session/x', '/AccessPolicy/a%20b']) {
      expectProblem(await ask(path), 401);
    }
    expectProblem(await admin(library.server, {}).put('/Client/x', '{"name":'), 401);
    expectProblem(await admin(library.server, {}).post('/AccessPolicy', { engine: 'x' }), 401);
  });

  it('answers 403 before 404, 400 and 422, so that a caller without permission learns nothing', async () => {
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
