import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { withToken } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { DIALECTS, NATIVE } from '../../support/dialects.js';
import { type Answer, basic, form, raw, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
let client: TestClient;

beforeAll(async () => {
  root = admin(library.server);
  client = await aClient(library.server, 'victim').register();
});

const FOREIGN: Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
];

const CHANGES: [string, string, unknown][] = [
  ['POST', '/Client/victim/$rotate-secret', {}],
  ['POST', '/Client/victim/%24rotate-secret', {}],
  ['POST', '/SigningKey/$rotate', { immediately: true }],
  ['POST', '/AccessPolicy/$explain', { client: 'victim', scope: 'book' }],
  ['POST', '/Client', { id: 'planted' }],
  ['PUT', '/Client/planted', {}],
  ['PUT', '/Resource/planted', {}],
  ['PATCH', '/Client/victim', { active: false }],
  ['DELETE', '/Client/victim', undefined],
  ['DELETE', '/Session?client=victim', undefined],
];

const send = (method: string, path: string, body: unknown, headers: Record<string, string>) =>
  request(library.server.url + path, {
    method,
    headers: {
      ...basic(library.server.adminId, library.server.adminSecret),
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('A change that a browser page asks for', () => {
  it.each(CHANGES)('rejects %s %s from a page of another origin (fault A10)', async (method, path, body) => {
    const before = [await root.get('/Client/victim'), await root.get('/SigningKey')].map(({ text }) => text);
    for (const headers of FOREIGN) expectProblem(await send(method, path, body, headers), 403);
    const after = [await root.get('/Client/victim'), await root.get('/SigningKey')].map(({ text }) => text);
    expect(after).toEqual(before);
    expect((await root.get('/Client/planted')).status).toBe(404);
  });

  it('rejects it before it looks at credentials or the body (fault A10)', async () => {
    const headers = { origin: 'https://evil.example', authorization: 'Basic !' };
    expectProblem(await send('POST', '/Client', undefined, headers), 403);
  });

  it('accepts a change from a page of the public URL and from a program (fault A10)', async () => {
    const own = [{}, { origin: library.server.publicUrl, 'sec-fetch-site': 'same-origin' }];
    for (const headers of [...own, { 'sec-fetch-site': 'none' }]) {
      expect((await send('PUT', '/Client/own-page', { name: 'x' }, headers)).status).toBeLessThan(300);
    }
  });

  it('rejects reads that a foreign page makes, before it looks at credentials, and serves links to here (fault A10)', async () => {
    const [evil, cross, same] = [FOREIGN[0], FOREIGN[2], FOREIGN[3]] as Record<string, string>[];
    const image = { ...cross, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    const frame = { ...cross, 'sec-fetch-dest': 'iframe' };
    for (const headers of [cross, same, image, frame]) {
      for (const path of ['/Client/victim', '/Client', '/AuditEvent?client=victim']) {
        expectProblem(await send('GET', path, undefined, headers ?? {}), 403);
        expectProblem(await send('GET', path, undefined, { ...headers, authorization: 'Basic !' }), 403);
      }
    }
    expect((await send('GET', '/Client/victim', undefined, evil ?? {})).status).toBe(200);
    // `fetch` sets Sec-Fetch-Mode itself.
    const { authorization } = basic(library.server.adminId, library.server.adminSecret);
    const link = `Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n`;
    const head = `GET /Client/victim HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n${link}`;
    expect(await raw(library.server.port, `${head}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('An operation', () => {
  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'rejects the media type %s of a form, with and without a body (fault A10)',
    async (type) => {
      const before = (await root.get('/Client/victim')).text;
      for (const path of ['/Client/victim/$rotate-secret', '/SigningKey/$rotate']) {
        for (const body of ['', 'overlap=0', '{}']) {
          const headers = {
            ...basic(library.server.adminId, library.server.adminSecret),
            'content-type': type,
          };
          const answer = await request(library.server.url + path, { method: 'POST', headers, body });
          expectProblem(answer, 415);
        }
      }
      expect((await root.get('/Client/victim')).text).toBe(before);
    },
  );
});

const NAVIGATIONS: Record<string, string>[] = [
  { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' },
  { 'sec-fetch-dest': 'iframe' },
  { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
];

describe('A request of a browser without credentials', () => {
  it.each(NAVIGATIONS)('is not challenged for Basic with %j (fault A10)', async (headers) => {
    const answers = [
      await request(`${library.server.url}/Client`, { headers }),
      await request(`${library.server.url}/Client/x`, {
        headers: { ...headers, ...basic('x', 'wrong-secret') },
      }),
      ...(await Promise.all(
        DIALECTS.map((dialect) =>
          form(library.server.url + dialect.token, { grant_type: 'client_credentials' }, headers),
        ),
      )),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/\w/);
      expect(answer.headers.get('www-authenticate')).not.toMatch(/basic/i);
    }
  });

  it('is challenged for Basic when a program sends it (fault A10)', async () => {
    const answer = await request(`${library.server.url}/Client`);
    expect(answer.headers.get('www-authenticate')).toContain('Basic realm=');
  });
});

const HARDENED = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

const expectHardened = (answer: Answer) =>
  expect(Object.fromEntries(answer.headers), answer.text).toMatchObject(HARDENED);

describe('Every answer', () => {
  it('carries the headers that disarm it in a browser (fault A10)', async () => {
    const { url } = library.server;
    const token = await client.token(NATIVE);
    const paths = ['/', '/nothing', '/Client/x/y', '/health/live', '/health/ready', '/.well-known/jwks.json'];
    const more = [
      '/.well-known/openid-configuration',
      '/auth/verify',
      '/auth/verify?scope=book',
      '/%',
      '/Client/%',
    ];
    for (const path of [...paths, ...more]) expectHardened(await request(url + path));
    for (const method of ['POST', 'PUT', 'OPTIONS', 'HEAD']) {
      for (const path of [...paths, '/auth/token']) expectHardened(await request(url + path, { method }));
    }
    expectHardened(await client.ask(NATIVE));
    expectHardened(await client.ask(NATIVE, { scope: 'book:1:read' }));
    expectHardened(await form(`${url}/auth/introspect`, { token }, client.basic));
    expectHardened(await form(`${url}/auth/revoke`, { token }, client.basic));
    expectHardened(await root.get('/Client'));
    expectHardened(await root.put('/Client/x', { nothing: 1 }));
    expectHardened(await withToken(library.server, token).delete('/Session'));
  });

  it.each([
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
    'CONNECT /Client HTTP/1.1\r\nHost: x\r\n\r\n',
  ])('carries them also when it is written on the socket: %.40j (fault A10)', async (text) => {
    const answer = (await raw(library.server.port, text)).toLowerCase();
    for (const [name, value] of Object.entries(HARDENED)) {
      expect(answer).toContain(`\r\n${name}: ${value}\r\n`);
      expect(answer.split(`\r\n${name}:`)).toHaveLength(2);
    }
    expect(answer).not.toContain('strict-transport-security');
  });
});
