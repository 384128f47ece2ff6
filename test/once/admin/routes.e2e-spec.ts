import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { type Admin, admin } from '../../support/admin.js';
import { basic, raw, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;
let authorization: string;

beforeAll(() => {
  root = admin(library.server);
  ({ authorization } = basic(library.server.adminId, library.server.adminSecret));
});

/** Every address, and the methods that it takes. */
const ADDRESSES: [string, string][] = [
  ...['Client', 'Resource', 'AccessPolicy'].flatMap((type): [string, string][] => [
    [`/${type}`, 'GET, HEAD, POST'],
    [`/${type}/x`, 'DELETE, GET, HEAD, PATCH, PUT'],
  ]),
  ['/Session', 'DELETE, GET, HEAD'],
  ['/Session/x', 'DELETE, GET, HEAD, PATCH'],
  ['/Client/$usage', 'GET, HEAD'],
  ['/Client/$unused-scopes', 'GET, HEAD'],
  ['/Client/x/$usage', 'GET, HEAD'],
  ['/Client/x/$blast-radius', 'GET, HEAD'],
  ['/$overview', 'GET, HEAD'],
  ['/$permissions', 'GET, HEAD'],
  ['/Client/x/$rotation', 'GET, HEAD'],
  ['/SigningKey', 'GET, HEAD'],
  ['/SigningKey/x', 'GET, HEAD'],
];
const OPERATIONS = [
  '/AccessPolicy/$explain',
  '/AccessPolicy/$who-can',
  '/AccessPolicy/$difference',
  '/SigningKey/$rotate',
  '/Client/x/$rotate-secret',
  '/Client/x/$add-secret',
  '/Client/x/$end-secret',
  '/Client/x/$contain',
  '/Client/x/$hand-over',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  request(library.server.url + path, { method, headers });

describe.each(ADDRESSES)('%s takes %s', (path, allowed) => {
  it.each(METHODS.filter((method) => !allowed.split(', ').includes(method)))(
    'rejects %s with 405 and Allow',
    async (method) => {
      for (const headers of [{}, { authorization }]) {
        const answer = await ask(method, path, headers);
        expect(answer.status, answer.text).toBe(405);
        expect(answer.headers.get('allow')?.split(/, */).sort().join(', ')).toBe(allowed);
        expectProblem(answer, 405);
      }
    },
  );
});

describe.each(OPERATIONS)('%s takes POST', (path) => {
  it.each(METHODS.filter((method) => method !== 'POST'))('rejects %s with 405 and Allow', async (method) => {
    for (const address of [path, path.replace('$', '%24')]) {
      const answer = await ask(method, address, { authorization });
      expect(answer.headers.get('allow'), `${method} ${address} ${answer.text}`).toBe('POST');
      if (method === 'HEAD') expect(answer.status).toBe(405);
      else expectProblem(answer, 405);
    }
  });
});

describe('HEAD', () => {
  it.each([
    '/Client',
    '/Client/root',
    '/Resource/Client',
    '/AccessPolicy?engine=allow',
    '/Session',
    '/SigningKey',
  ])('answers HEAD of %s like GET without a body', async (path) => {
    const [head, got] = [
      await ask('HEAD', path, { authorization }),
      await ask('GET', path, { authorization }),
    ];
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
    for (const name of ['content-type', 'etag', 'cache-control'])
      expect(head.headers.get(name)).toBe(got.headers.get(name));
  });

  it('requires the same credentials and permissions for HEAD', async () => {
    expect((await ask('HEAD', '/Client')).status).toBe(401);
    expect((await ask('HEAD', '/Client/nobody', { authorization })).status).toBe(404);
    expect((await ask('HEAD', '/Client?x=1', { authorization })).status).toBe(400);
  });
});

describe('Unknown paths (A14, ASVS 13.4.5)', () => {
  it.each([
    '/client',
    '/CLIENT',
    '/Clients',
    '/Client/root/more',
    '/Client/root/$nothing',
    '/Resource/book/$rotate-secret',
    '/Session/$close',
    '/Client/$nothing',
    '/AuditEvents',
    '/User',
    '/AccessPolicy/$explain/x',
    '/SigningKey/$rotate/x',
    '/metrics',
    '/api-json',
    '/docs',
    '/.env',
    '/Client/../Client',
    '//Client',
    '/Client//',
    '/Client/root/',
    '/Client/',
  ])('answers 404, or 405 with Allow, to the unknown path %s', async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
      const answer = await raw(library.server.port, `${head}Content-Length: 0\r\nConnection: close\r\n\r\n`);
      expect(answer, `${method} ${path}`).toMatch(/^HTTP\/1\.1 (404|405|400) /);
      expect(answer.toLowerCase()).toMatch(/content-type: application\/(problem\+)?json/);
      expect(answer).not.toContain('Cannot GET');
    }
    expect((await root.get('/Client/root')).status).toBe(200);
  });

  it('answers with a problem document below one of the types, also without credentials', async () => {
    expectProblem(await ask('GET', '/Client/root/more'), 404);
    expectProblem(await ask('GET', '/AuditEvent/x/y'), 404);
  });
});

describe('Ids in the path', () => {
  const NONE = [
    '%20',
    '%00',
    '%0d%0a',
    'a%2Fb',
    '..',
    '%2e%2e',
    '.hidden',
    '-dash',
    '_under',
    'a%20b',
    'caf%C3%A9',
    '%F0%9F%98%80',
    'a'.repeat(65),
    'a'.repeat(512),
    'a'.repeat(3000),
    "'%20OR%201=1--",
    '%22',
    '%5C',
    '*',
    '$x',
    '%24x',
    'a:b',
    'root%20',
    'root%00',
    'a+b',
  ];
  it.each(NONE)('answers the invalid id %.60s like an unknown one', async (id) => {
    for (const type of ['Client', 'Resource', 'AccessPolicy', 'Session', 'SigningKey']) {
      const answer = await raw(
        library.server.port,
        `GET /${type}/${id} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer, type).toMatch(/^HTTP\/1\.1 (404|400|414) /);
      expect(answer, type).toContain('application/problem+json');
    }
  });

  it.each(NONE.filter((id) => !/^(\.\.|%2e%2e)$/.test(id) && id.length < 500))(
    'rejects creating the invalid id with PUT %.60s',
    async (id) => {
      const answer = await root.put(`/Client/${id}`, {});
      expect([400, 404, 414, 422], answer.text).toContain(answer.status);
      if (answer.status === 422) expectProblem(answer, 422, ['id']);
      expect([404, 400]).toContain((await root.patch(`/Client/${id}`, {})).status);
      const posted = await root.post('/Client', { id: decodeURIComponent(id) });
      expectProblem(posted, 422, ['id']);
    },
  );

  it.each([
    'a',
    '0',
    'A.b_c-d',
    'a'.repeat(64),
    '0123',
    'NULL',
    'undefined',
    'true',
    'toString',
    'con',
    '0x1',
    '1e5',
    '00',
  ])('accepts the id %.60s', async (id) => {
    const made = await root.put(`/Client/${id}`, {});
    expect(made.status, made.text).toBe(201);
    expect(made.body.id).toBe(id);
    expect((await root.get(`/Client/${id}`)).body.id).toBe(id);
    expect((await root.get(`/Client?_id=${id}`)).body.total).toBe(1);
    expect((await root.delete(`/Client/${id}`)).status).toBe(204);
  });

  it('accepts a percent-encoded id', async () => {
    expect((await root.get('/Client/%72oot')).body.id).toBe('root');
    expect((await root.get('/%43lient/root')).status).toBeLessThan(500);
  });

  it.each(['%', '%z', '%zz', '%C3', '%FF', '%ED%A0%80', '%u0041'])(
    'rejects a badly encoded id with 400: %s',
    async (id) => {
      for (const method of ['GET', 'DELETE', 'PUT', 'PATCH']) {
        const answer = await raw(
          library.server.port,
          `${method} /Client/${id} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        );
        expect(answer).toMatch(/^HTTP\/1\.1 400 /);
        expect(answer).toContain('application/problem+json');
        expect(answer).toContain('the path is not valid percent-encoded UTF-8');
      }
    },
  );
});

describe('After all invalid requests (E11, ASVS 16.5.4)', () => {
  it('still serves requests', async () => {
    expect((await ask('GET', '/health/ready')).status).toBe(200);
    expect(library.server.stdout() + library.server.stderr()).not.toMatch(
      /UnhandledPromiseRejection|uncaughtException/,
    );
  });
});
