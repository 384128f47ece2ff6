import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { basic, raw, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

const POLICY = { engine: 'rules', link: linkTo('parameters'), rules: [allow('book', '1', 'read')] };

beforeAll(async () => {
  root = admin(library.server);
  await aClient(library.server, 'parameters').register();
  await root.put('/AccessPolicy/parameters', POLICY);
});

const state = () =>
  Promise.all(
    ['/Client/parameters', '/AccessPolicy/parameters', '/SigningKey'].map(
      async (path) => (await root.get(path)).text,
    ),
  );

const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  request(library.server.url + path, {
    method,
    headers: {
      ...basic(library.server.adminId, library.server.adminSecret),
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

type Route = [method: string, path: string, body: unknown];

/** Every kind of route but the lists, whose parameters are tried with the searches. */
const ROUTES: Route[] = [
  ['GET', '/Client/parameters', undefined],
  ['PUT', '/Client/parameters', { name: 'changed' }],
  ['PATCH', '/Client/parameters', { name: 'changed' }],
  ['DELETE', '/Client/parameters', undefined],
  ['POST', '/Client', { id: 'made-by-mistake' }],
  ['POST', '/Client/parameters/$rotate-secret', {}],
  ['POST', '/Client/parameters/$add-secret', {}],
  ['POST', '/Client/parameters/$contain', {}],
  ['POST', '/Client/parameters/$hand-over', {}],
  ['GET', '/Client/parameters/$blast-radius', undefined],
  ['GET', '/Client/parameters/$rotation', undefined],
  ['GET', '/Resource/book', undefined],
  ['PUT', '/AccessPolicy/parameters', { ...POLICY, engine: 'allow', rules: undefined }],
  ['DELETE', '/AccessPolicy/parameters', undefined],
  ['POST', '/AccessPolicy/$explain', { client: 'parameters', scope: 'book' }],
  ['POST', '/AccessPolicy/$who-can', { scope: 'book' }],
  ['POST', '/AccessPolicy/$difference', { ...POLICY, id: 'parameters' }],
  ['POST', '/SigningKey/$rotate', {}],
  ['GET', '/SigningKey/none', undefined],
  ['GET', '/Session/none', undefined],
  ['PATCH', '/Session/none', { active: false }],
  ['DELETE', '/Session/none', undefined],
  ['DELETE', '/Session', undefined],
  ['GET', '/AuditEvent/none', undefined],
];

describe.each(ROUTES)('%s %s', (method, path, body) => {
  it.each(['overlap', '_format', 'if_match', '__proto__', 'immediately'])(
    'rejects the query parameter %s and changes nothing (fault E1)',
    async (name) => {
      const before = await state();
      expectProblem(await send(method, `${path}?${name}=1`, body), 400, [name]);
      expect(await state()).toEqual(before);
    },
  );
});

describe('A query parameter', () => {
  it('names an unknown query parameter and where it belongs (fault E1)', async () => {
    const answer = await root.post('/Client/parameters/$rotate-secret?overlap=3600', {});
    expect(answer.body.errors).toEqual([
      {
        path: 'overlap',
        message: 'is not supported: this endpoint accepts no query parameters; send members in the body',
      },
    ]);
    const dry = await root.put('/Client/parameters?_dryRun=true', {});
    expect(dry.body.errors).toEqual([
      {
        path: '_dryRun',
        message:
          'is not supported: only a DELETE or a Bundle can be a dry run; this endpoint accepts no query parameters',
      },
    ]);
    const many = await root.delete('/Session?client=parameters&active=true&active=false');
    expectProblem(many, 400, ['active']);
    expectProblem(await root.delete('/Session?client=parameters&client=root'), 400, ['client']);
  });
});

describe('An endless query', () => {
  it('has its first 500 unknown parameters reported once each, in at most 64 KiB (fault B2)', async () => {
    const same = await root.put(`/Client/parameters?${'a&'.repeat(7000)}`, {});
    expectProblem(same, 400, ['a']);
    const names = Array.from({ length: 2100 }, (_, n) => `p${n}`);
    const many = await root.get(`/Client/parameters?${names.join('&')}`);
    expectProblem(many, 400, names.slice(0, 500));
    expect(many.body.detail).toBe(
      'the query contains unsupported or invalid parameters; `errors` lists the first 500 of 2000 or more',
    );
    expect(many.text.length).toBeLessThan(100_000);
  });
});

const WITHOUT_VERSION: Route[] = [
  ['POST', '/Client', { id: 'made-by-mistake' }],
  ['POST', '/AccessPolicy/$explain', { client: 'parameters', scope: 'book' }],
  ['POST', '/SigningKey/$rotate', {}],
  ['DELETE', '/Session?client=parameters', undefined],
];

describe('A condition', () => {
  it.each(WITHOUT_VERSION)(
    'rejects a condition that the route does not support: %s %s (fault E1)',
    async (method, path, body) => {
      const before = await state();
      for (const headers of [{ 'if-match': '"1"' }, { 'if-none-match': '*' }]) {
        expectProblem(await send(method, path, body, headers as Record<string, string>), 400);
      }
      expect(await state()).toEqual(before);
      expect((await root.get('/Client/made-by-mistake')).status).toBe(404);
    },
  );

  it.each([
    ['if-unmodified-since', new Date(0).toUTCString()],
    ['if-modified-since', new Date(0).toUTCString()],
    ['content-range', 'bytes 0-1/2'],
  ])('rejects a condition that is not a version: %s (fault E1)', async (name, value) => {
    const before = await state();
    const headers = { [name]: value };
    expectProblem(await root.put('/Client/parameters', { name: 'changed' }, headers), 400);
    expectProblem(await root.patch('/Client/parameters', { name: 'changed' }, headers), 400);
    expectProblem(await root.delete('/Client/parameters', headers), 400);
    expectProblem(await root.post('/Client/parameters/$rotate-secret', {}, headers), 400);
    expect(await state()).toEqual(before);
  });
});

describe('A body', () => {
  it.each([
    ['/Client/parameters', '{"_dryRun":true}'],
    ['/AccessPolicy/parameters', '{}'],
    ['/Session', 'client=parameters'],
    ['/Session?client=parameters', ' '],
    ['/Session/none', '[]'],
  ])('rejects a body of DELETE, which then deletes nothing: %s %s (fault E1)', async (path, text) => {
    const before = await state();
    for (const type of ['application/json', 'text/yaml', 'application/x-www-form-urlencoded']) {
      const answer = await request(library.server.url + path, {
        method: 'DELETE',
        headers: { ...basic(library.server.adminId, library.server.adminSecret), 'content-type': type },
        body: text,
      });
      expectProblem(answer, 400);
      expect(answer.body.detail).toBe(
        'a DELETE request must have no body; name what to delete in the path and query',
      );
    }
    expect(await state()).toEqual(before);
  });

  it('ignores an empty body of DELETE, however it is framed (fault E1)', async () => {
    const { authorization } = basic(library.server.adminId, library.server.adminSecret);
    for (const framing of [
      'Content-Length: 0\r\n\r\n',
      'Content-Type: application/json\r\nContent-Length: 0\r\n\r\n',
      'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ]) {
      const head = `DELETE /Client/none HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
      const answer = await raw(library.server.port, `${head}Connection: close\r\n${framing}`);
      expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    }
  });

  it('rejects a body of GET (fault E1)', async () => {
    const { authorization } = basic(library.server.adminId, library.server.adminSecret);
    const head = `GET /Client HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
    const answer = await raw(library.server.port, `${head}Content-Length: 12\r\n\r\n{"name":"x"}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('a GET request must have no body');
  });
});

describe('If-Match on a read', () => {
  it('evaluates If-Match on a read that has a version, and rejects it on a list (fault E1)', async () => {
    const { headers } = await root.get('/Client/parameters');
    const etag = headers.get('etag') ?? '';
    for (const match of [etag, `W/${etag}`, '*', `"99", ${etag}`]) {
      expect((await root.get('/Client/parameters', { 'if-match': match })).status).toBe(200);
    }
    expectProblem(await root.get('/Client/parameters', { 'if-match': '"99"' }), 412);
    const [key] = (await root.get('/SigningKey')).body.entry;
    expectProblem(await root.get(`/SigningKey/${key.resource.id}`, { 'if-match': '"99"' }), 412);
    for (const path of ['/Client', '/SigningKey', '/Session?client=parameters', '/AuditEvent']) {
      expectProblem(await root.get(path, { 'if-match': '"1"' }), 400);
    }
  });
});

describe('If-None-Match on a read', () => {
  it('is 304 if the caller has the version, and rejected on a list (RFC 9110 13.1.2)', async () => {
    const { headers } = await root.get('/Client/parameters');
    const etag = headers.get('etag') ?? '';
    for (const match of [etag, `W/${etag}`, '*', `"99", ${etag}`]) {
      const answer = await root.get('/Client/parameters', { 'if-none-match': match });
      expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', etag]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    const other = await root.get('/Client/parameters', { 'if-none-match': '"99"' });
    expect([other.status, other.body.id]).toEqual([200, 'parameters']);
    expectProblem(await root.get('/Client/nobody', { 'if-none-match': '*' }), 404);
    expectProblem(await root.get('/Client/parameters', { 'if-match': '"99"', 'if-none-match': etag }), 412);
    for (const path of ['/Client', '/SigningKey', '/Session?client=parameters', '/AuditEvent']) {
      expectProblem(await root.get(path, { 'if-none-match': '"1"' }), 400);
    }
  });
});
