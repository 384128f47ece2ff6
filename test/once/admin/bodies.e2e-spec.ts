import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, send } from '../../admin/answers.js';
import { type Admin, admin } from '../../support/admin.js';
import { basic, raw } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const write = (
  method: string,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) =>
  send(library.server, method, path, body, {
    ...basic(library.server.adminId, library.server.adminSecret),
    ...headers,
  });
const put = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
  write('PUT', '/Client/body', body, { 'content-type': type });

describe('Rejects an unreadable body with 400 (E12, RFC 9110 15.5.1)', () => {
  it.each([
    '{"name":',
    '{"name":"x",}',
    "{'name':'x'}",
    '{name:"x"}',
    '{"name":"x"} {}',
    '{"name":NaN}',
    '{"name":01}',
    '{"name":"\n"}',
    '// {}\n{}',
    '[]',
    '[{"name":"x"}]',
    '"x"',
    'null',
    'true',
    '1',
    '',
    '\u0000',
    '{"name":"x","name":"y"}',
    '{"auth":{"client_credentials":{"audience":["a"],"audience":["b"]}}}',
    '{"name":"x","na\\u006de":"y"}',
    '['.repeat(100_000),
    '{"a":'.repeat(50_000),
    `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
  ])('rejects the body %.50s', async (body) => {
    for (const method of ['PUT', 'PATCH']) {
      const answer = await write(method, '/Client/root', body);
      expect(answer.status, answer.text).toBe(400);
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(answer.text).not.toMatch(/SyntaxError|Unexpected|position \d/);
    }
    expect((await write('POST', '/Client', body)).status).toBe(400);
  });

  it('rejects a body that is not UTF-8', async () => {
    for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
      const body = Uint8Array.from([...Buffer.from('{"name":"'), ...bytes, ...Buffer.from('"}')]);
      expectProblem(await put(body), 400);
    }
  });

  it('rejects a missing body where one is required', async () => {
    const headers = basic(library.server.adminId, library.server.adminSecret);
    for (const [method, path] of [
      ['POST', '/Client'],
      ['PUT', '/Client/body'],
      ['PATCH', '/Client/root'],
      ['POST', '/AccessPolicy/$explain'],
    ]) {
      const answer = await send(library.server, method!, path!, '', headers);
      expect([400, 415], `${method} ${answer.text}`).toContain(answer.status);
    }
  });

  it('accepts a byte order mark before the body', async () => {
    expect((await put('\uFEFF{"name":"marked"}')).body.name).toBe('marked');
  });
});

describe('Rejects names that reach a prototype, without effect (A12, ASVS 15.3.6)', () => {
  it.each([
    '{"__proto__":{"active":false}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
    '{"prototype":{}}',
    '{"auth":{"__proto__":{"x":1}}}',
    '{"auth":{"client_credentials":{"__proto__":{"refresh_token":true}}}}',
    '{"\\u005f_proto__":{"isAdmin":true}}',
  ])('rejects the member name %s', async (body) => {
    for (const method of ['PUT', 'PATCH']) {
      const answer = await write(method, '/Client/body', body);
      expect([400, 422, 404], answer.text).toContain(answer.status);
    }
    expect((await write('POST', '/Client', body)).status).toBe(400);
    const clean = await root.post('/Client');
    expect(clean.body).not.toHaveProperty('isAdmin');
    expect(clean.body).toMatchObject({ active: true, grant_types: [] });
    expect(clean.body).not.toHaveProperty('auth');
  });

  it('rejects such names in YAML', async () => {
    const yaml = { 'content-type': 'text/yaml' };
    expectProblem(await write('POST', '/Client', '__proto__:\n  active: false\n', yaml), 400);
    expectProblem(await write('POST', '/Client', 'constructor: {prototype: {x: 1}}\n', yaml), 400);
  });

  it.each(['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'isPrototypeOf'])(
    'rejects %s like any other unknown member',
    async (name) => {
      expectProblem(await root.post('/Client', { [name]: 1 }), 422, [name]);
      expectProblem(await root.patch('/Client/root', { auth: { [name]: 1 } }), 422, [`auth.${name}`]);
    },
  );
});

describe('Media types of bodies', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;CHARSET=UTF-8',
    'application/json; charset="utf-8"',
    'application/yaml',
    'text/yaml; charset=utf-8',
  ])('accepts the media type %s', async (type) => {
    const answer = await put('{"name": "typed"}', type);
    expect(answer.status, answer.text).toBeLessThan(202);
    expect(answer.body.name).toBe('typed');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
    'application/json-patch+json',
    'application/merge-patch+json',
    'json',
    'application/',
    ';',
    'application/json, application/json',
    `application/json; x=${'y'.repeat(300)}`,
    'application/json; charset=utf-16',
    'text/yaml; charset=x',
  ])('rejects the media type %s with 415 and says what is supported', async (type) => {
    const answer = await put('{"name": "typed"}', type);
    expectProblem(answer, 415);
    expect(answer.body.detail).toMatch(
      type.includes('charset')
        ? /charset=utf-8$/
        : /application\/json, text\/yaml or application\/yaml, in UTF-8$/,
    );
  });

  it.each(['iso-8859-1', 'windows-1252', 'us-ascii'])(
    'accepts the label %s for ASCII bytes and rejects it for others (fault C7)',
    async (charset) => {
      for (const type of ['application/json', 'text/yaml']) {
        const label = `${type}; charset=${charset}`;
        expect((await put('{"name": "typed"}', label)).body.name).toBe('typed');
        const other = await put('{"name": "caf\u00e9"}', label);
        expectProblem(other, 400);
        expect(other.body.detail).toBe(`the body must be UTF-8, not ${charset}`);
      }
    },
  );

  it('requires a media type, and says so (fault C9)', async () => {
    const bytes = new TextEncoder().encode('{"name":"untyped"}');
    const answer = await write('PUT', '/Client/body', bytes, {});
    expectProblem(answer, 415);
    expect(answer.body.detail).toMatch(/^the request has no Content-Type header/);
  });

  it.each(['application/json', 'text/yaml'])(
    'says that a body is empty under %s (fault C9)',
    async (type) => {
      const answer = await put('', type);
      expectProblem(answer, 400);
      expect(answer.body.detail).toMatch(/^the body is empty/);
    },
  );

  it('accepts application/merge-patch+json for PATCH only', async () => {
    await root.put('/Client/merged', { name: 'x' });
    const type = { 'content-type': 'application/merge-patch+json' };
    const answer = await write('PATCH', '/Client/merged', '{"name":null}', type);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).not.toHaveProperty('name');
  });

  it('rejects a content encoding with 415', async () => {
    for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'x']) {
      const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
      expectProblem(await write('PUT', '/Client/body', '{}', headers), 415);
    }
  });
});

describe('Rejects ambiguous framing of a body (E12, H07, RFC 9112 6.3)', () => {
  it.each([
    ['a length that is none', 'Content-Length: abc\r\n\r\n{}'],
    ['a negative length', 'Content-Length: -1\r\n\r\n{}'],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    ['a length beside chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk of no size', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n'],
  ])('rejects %s with 400, never 500', async (_, rest) => {
    const { authorization } = basic(library.server.adminId, library.server.adminSecret);
    const head = `PUT /Client/framed HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
    const answer = await raw(library.server.port, `${head}Content-Type: application/json\r\n${rest}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.toLowerCase()).toMatch(/content-type: application\/(problem\+)?json/);
    expect((await root.get('/Client/framed')).status).toBe(404);
  });
});

describe('Large bodies (L02, ASVS 15.2.2)', () => {
  it('rejects a large body with 413 in the format of the API, whatever the method', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(600_000) });
    for (const [method, path] of [
      ['PUT', '/Client/body'],
      ['POST', '/Client'],
      ['PATCH', '/Client/root'],
      ['PUT', '/AccessPolicy/body'],
      ['POST', '/AccessPolicy/$explain'],
      ['PATCH', '/Session/x'],
    ]) {
      expectProblem(await write(method!, path!, body), 413);
    }
    expect((await root.get('/Client/root')).status).toBe(200);
  });

  it('accepts a body below the limit: a resource with thousands of operations', async () => {
    const operations = Array.from({ length: 5_000 }, (_, n) => ({
      name: `operation-${n}`,
      description: 'what it does',
    }));
    const made = await root.put('/Resource/large', { operations });
    expect(made.status, made.text.slice(0, 300)).toBe(201);
    expect((await root.get('/Resource/large')).body.operations).toEqual(operations);
  });

  it('rejects a list with too many items with 422 at its path', async () => {
    const audience = Array.from({ length: 101 }, (_, n) => `urn:${n}`);
    const answer = await root.put('/Client/body', { auth: { client_credentials: { audience } } });
    expectProblem(answer, 422, ['auth.client_credentials.audience']);
  });
});
