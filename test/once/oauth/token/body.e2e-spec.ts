import { beforeAll, describe, expect, it } from 'vitest';
import { at, DIALECTS } from '../../../support/dialects.js';
import { form, json, raw, request } from '../../../support/http.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:*:read', 'map:*:zoom').register();
});

const invalid = (error_description: string) => ({ error: 'invalid_request', error_description });

describe.each(DIALECTS)('The body of a token request in the $name dialect', (dialect) => {
  const url = () => library.server.url + dialect.token;
  const whole = () => ({ grant_type: 'client_credentials', ...READ_BOOK_1, ...client.inBody });
  const encoded = (fields: Record<string, string> = whole()) => String(new URLSearchParams(fields));

  it.each(['{"x":1}', '["a"]', '123', 'null', 'true', '{}', '[]'])(
    'rejects %s where JSON must hold a string (T05, ASVS 15.3.5)',
    async (text) => {
      const value: unknown = JSON.parse(text);
      for (const name of ['grant_type', 'scope', 'audience', 'client_id', 'client_secret', 'refresh_token']) {
        const answer = await json(url(), { ...whole(), [name]: value });
        expect(answer.status, name).toBe(400);
        expect(answer.body, name).toEqual(invalid(`${name} must be a string`));
      }
    },
  );

  it('accepts a list of strings in resource, and nothing else there (T05, RFC 8707 2)', async () => {
    const { audience, ...rest } = whole();
    expect((await json(url(), { ...rest, resource: [audience] })).status).toBe(200);
    for (const resource of [[1], [['x']], { x: 1 }, 7, null, false, ['x', null]]) {
      const answer = await json(url(), { ...rest, resource });
      expect(answer.status, JSON.stringify(resource)).toBe(400);
      expect(answer.body).toEqual(invalid('resource must be a string or a list of strings'));
    }
  });

  it.each([
    'grant_type',
    'scope',
    'audience',
    'client_id',
    'client_secret',
    'refresh_token',
    'client_assertion',
  ])('rejects a repeated %s, also when both are equal (T07, RFC 6749 3.2)', async (name) => {
    const fields: Record<string, string> = { refresh_token: 'x', client_assertion: 'x', ...whole() };
    for (const again of [fields[name] as string, 'other', '']) {
      const answer = await form(url(), `${encoded()}&${name}=${encodeURIComponent(again)}&${name}=x`);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(invalid(`${name} occurs more than once`));
    }
  });

  it.each(['scope[]', 'client_id[x]', 'grant_type[]', 'client_secret[0]', 'scope[a][b]', 'resource[]'])(
    'reads %s as no list: it is refused (T08, ASVS 15.3.7, CVE-2025-15284)',
    async (name) => {
      const answer = await form(url(), `${encoded()}&${encodeURIComponent(name)}=x`);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(invalid('parameter names must not contain brackets'));
    },
  );

  it.each(['scope', 'grant_type', 'client_secret', 'resource'])(
    'rejects a second JSON member %s (T09, RFC 8259 4)',
    async (name) => {
      const text = JSON.stringify({ ...whole(), resource: LIBRARY });
      const answer = await json(url(), text.replace('{', `{"${name}":"a",`));
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(invalid(`${name} occurs more than once`));
    },
  );

  it('counts an empty scope as none (T10, RFC 6749 3.2)', async () => {
    for (const scope of ['', ' ']) {
      const answer = await client.ask(dialect, { audience: 'urn:atlas', scope });
      expect(answer.status).toBe(at(dialect, { native: 200, auth0: 200, authing: 400 }));
      expect(answer.body.scope).toBe(at(dialect, { native: 'zoom', auth0: 'zoom', authing: undefined }));
    }
  });

  it('counts an empty audience as none (T10, RFC 6749 3.2)', async () => {
    const { status, body } = await client.ask(dialect, { audience: '', resource: '', scope: 'map:zoom' });
    expect(status).toBe(at(dialect, { native: 200, auth0: 403, authing: 200 }));
    expect(body.scope).toBe(at(dialect, { native: 'map:zoom', auth0: undefined, authing: 'map:zoom' }));
  });

  it('counts an empty client_secret as none, never as an empty password (T10, RFC 6749 3.2)', async () => {
    const answer = await form(url(), { ...whole(), client_secret: '' });
    expect(answer.status).toBe(401);
    expect(answer.body.error).toBe('invalid_client');
  });

  it.each([
    '{"a":',
    '',
    '[]',
    '"x"',
    '1',
    'null',
    '{"grant_type":"client_credentials"}}',
    '\u0000',
    '{"a":"\ud800"',
  ])('rejects the JSON %j with 400 (E12, RFC 6749 5.2)', async (text) => {
    const answer = await json(url(), text, client.basic);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('invalid_request');
    expect(Object.keys(answer.body)).toEqual(['error', 'error_description']);
  });

  it('rejects bytes that are not UTF-8 with 400 (E12, RFC 9110 15.5.1)', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'application/json']) {
      const body = Uint8Array.from([...Buffer.from('scope='), 0xff, 0xfe]);
      const answer = await request(url(), {
        method: 'POST',
        body,
        headers: { ...client.basic, 'content-type': type },
      });
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(invalid('the body is not UTF-8'));
    }
  });

  it('rejects a broken Content-Length with 400 and an OAuth body (E12, RFC 9112 6.3)', async () => {
    const head = `POST ${dialect.token} HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n`;
    const text = await raw(library.server.port, head);
    expect(text).toContain('HTTP/1.1 400 Bad Request');
    expect(text).toContain('{"error":"invalid_request","error_description":"the request cannot be read"}');
  });

  it('accepts a body of 64 KiB, and answers a longer one with 413 (L02, ASVS 15.2.2)', async () => {
    const padding = (length: number) => `${encoded()}&x=${'y'.repeat(length - encoded().length - 3)}`;
    expect((await form(url(), padding(64 * 1024))).status).toBe(200);
    for (const length of [64 * 1024 + 1, 400 * 1024, 2 * 1024 * 1024]) {
      const answer = await form(url(), padding(length));
      expect(answer.status, String(length)).toBe(413);
      expect(answer.body.error).toBe('invalid_request');
    }
  });

  it('reads names of every object as unknown parameters (A12, ASVS 15.3.6)', async () => {
    const text = `{"__proto__":{"scope":"book:*:*"},"constructor":{"prototype":{"x":1}},${JSON.stringify(whole()).slice(1)}`;
    const answer = await json(url(), text);
    expect(answer.status).toBe(200);
    expect(answer.body.scope).toBe('book:1:read');
  });

  it('stays quick for many parameters, members and brackets (L04, ASVS 15.2.2, CVE-2024-45590, CVE-2025-13466, CVE-2025-15284)', async () => {
    const bodies = [
      Array.from({ length: 8000 }, (_, n) => `p${n}=1`).join('&'),
      `a${'[b]'.repeat(15_000)}=1`,
      'scope&'.repeat(9000),
      '='.repeat(60_000),
      '%'.repeat(60_000),
    ];
    for (const body of bodies) {
      const start = performance.now();
      const answer = await form(url(), body, client.basic);
      expect(answer.status).toBe(400);
      expect(performance.now() - start).toBeLessThan(2000);
    }
    const nested = await json(url(), `{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, client.basic);
    expect(nested.status).toBe(400);
  });
});
