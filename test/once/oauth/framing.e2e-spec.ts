import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { DIALECTS, NATIVE } from '../../support/dialects.js';
import { basic, bearer, form, get, raw } from '../../support/http.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:1:read').register();
});

const BODY = `grant_type=client_credentials&audience=urn%3Alibrary&scope=book%3A1%3Aread`;
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

const FRAMINGS: [string, string, string][] = [
  ['a length and chunks', `Content-Length: ${BODY.length}\r\nTransfer-Encoding: chunked`, chunked],
  ['chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: 4`, chunked],
  ['two lengths that differ', `Content-Length: ${BODY.length}\r\nContent-Length: 4`, BODY],
  ['a length written as a list', `Content-Length: ${BODY.length}, ${BODY.length}`, BODY],
  ['a length with a sign', `Content-Length: +${BODY.length}`, BODY],
  ['a coding that is not chunked', 'Transfer-Encoding: gzip', BODY],
  ['a coding below the chunks', 'Transfer-Encoding: gzip, chunked', chunked],
  ['chunks twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', chunked],
  ['chunked that is not last', 'Transfer-Encoding: chunked, identity', chunked],
  ['an odd spelling of chunked', 'Transfer-Encoding: xchunked', chunked],
  ['a space before the colon', `Content-Length : ${BODY.length}`, BODY],
  ['a chunk of a negative size', 'Transfer-Encoding: chunked', `-1\r\n${BODY}\r\n0\r\n\r\n`],
  ['a line feed alone', `X: y\nContent-Length: ${BODY.length}`, BODY],
];

describe.each(DIALECTS)('The framing of a request in the $name dialect', (dialect) => {
  it.each(FRAMINGS)(
    'rejects ambiguous framing and closes the connection: %s (H07, RFC 9112 6.1)',
    async (_what, lines, body) => {
      const head = `POST ${dialect.token} HTTP/1.1\r\nHost: x\r\nAuthorization: ${client.basic.authorization}\r\n`;
      const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
      const text = await raw(library.server.port, `${head}${type}${lines}\r\n\r\n${body}${SMUGGLED}`);
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
      expect(text.toLowerCase()).toContain('connection: close');
      expect(text).not.toContain('access_token');
    },
  );

  it('ignores proxy headers of untrusted peers (H06, RFC 9700 4.13)', async () => {
    const reported = {
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'for=203.0.113.7;host=evil.example',
      'x-ssl-client-cert': 'anything',
      'ssl-client-verify': 'SUCCESS',
      'x-client-id': 'root',
      dpop: 'a.b.c',
    };
    const refused = await form(
      library.server.url + dialect.token,
      { grant_type: 'client_credentials' },
      reported,
    );
    expect([refused.status, refused.body.error]).toEqual([401, 'invalid_client']);
    const taken = await client.ask(dialect, READ_BOOK_1, reported);
    expect([taken.status, taken.body.token_type]).toEqual([200, 'Bearer']);
  });
});

/** A valid request for a token but for its head. */
const asked = (path: string, lines: string, version = '1.1', type = 'application/x-www-form-urlencoded') =>
  raw(
    library.server.port,
    `POST ${path} HTTP/${version}\r\n${lines}Authorization: ${client.basic.authorization}\r\n` +
      `Content-Type: ${type}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );

const refusal = (text: string) => ({
  status: text.slice(0, 12),
  type: /^content-type: (.+)\r$/im.exec(text)?.[1],
  error: /"error":"(\w+)"/.exec(text)?.[1],
});
const OAUTH_400 = {
  status: 'HTTP/1.1 400',
  type: 'application/json; charset=utf-8',
  error: 'invalid_request',
};

describe.each(DIALECTS)('The head of a request in the $name dialect', (dialect) => {
  it.each([
    ['two Host lines', 'Host: x\r\nHost: evil.example\r\n'],
    ['twice the same', 'Host: x\r\nhost: x\r\n'],
    ...['a b/%<>', 'a b', 'x/path', 'user@x', 'x:80:80', 'x:http', '[::1', '%zz', 'x, y', 'h\u00f6st'].map(
      (host) => [`Host: ${host}`, `Host: ${host}\r\n`],
    ),
  ])(
    'rejects a request without exactly one valid Host and closes the connection: %s (H07, E12, RFC 9112 3.2)',
    async (_what, host) => {
      for (const version of ['1.1', '1.0']) {
        const text = await asked(dialect.token, host as string, version);
        expect(refusal(text)).toEqual(OAUTH_400);
        expect(text.toLowerCase()).toContain('connection: close');
      }
    },
  );

  it.each(['x', 'x:8080', 'x:', '127.0.0.1:1', '[::1]:8080', 'a_b.example', 'x%41', ''])(
    'accepts every valid Host: %j (H07, RFC 9110 7.2)',
    async (host) => {
      const text = await asked(dialect.token, `Host: ${host}\r\nConnection: close\r\n`);
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  it('rejects a second Content-Type line (E12, RFC 9110 5.3)', async () => {
    for (const other of ['application/json', 'application/x-www-form-urlencoded']) {
      const text = await asked(dialect.token, `Host: x\r\nconnection: close\r\ncontent-type: ${other}\r\n`);
      expect(refusal(text)).toEqual(OAUTH_400);
    }
  });

  it('accepts only HTTP/1.1 and HTTP/1.0 (E12, RFC 9110 2.5)', async () => {
    for (const version of ['2.0', '0.9']) {
      const text = await asked(dialect.token, 'Host: x\r\n', version);
      expect(refusal(text)).toEqual(OAUTH_400);
    }
    expect(await asked(dialect.token, 'Host: x\r\n', '1.0')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('rejects chunked bodies in HTTP/1.0 (H07, RFC 9112 6.1)', async () => {
    const head = `POST ${dialect.token} HTTP/1.0\r\nHost: x\r\nAuthorization: ${client.basic.authorization}\r\n`;
    const rest = `Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`;
    expect(refusal(await raw(library.server.port, head + rest))).toEqual(OAUTH_400);
  });
});

describe('The head of a request at the REST of the administrator', () => {
  it('rejects invalid heads in the administration API with a problem document (E12, RFC 9112 3.2)', async () => {
    for (const lines of [
      'Host: x\r\nHost: y\r\n',
      'Host: a b\r\n',
      'Host: x\r\nContent-Type: text/plain\r\n',
    ]) {
      const text = await asked('/Client', `${lines}Connection: close\r\n`, '1.1', 'application/json');
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text.toLowerCase()).toContain('content-type: application/problem+json');
    }
  });

  it('ignores Content-Type where a request has no body', async () => {
    const types = 'Content-Type: text/plain\r\nContent-Type: a/b\r\nConnection: close\r\n\r\n';
    const { authorization } = client.basic;
    const question = `GET /auth/verify?scope=book:1:read HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
    expect(await raw(library.server.port, question + types)).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe.each(DIALECTS)('An expectation in the $name dialect', (dialect) => {
  it.each(['100-continue', '200-maybe', 'x'])(
    'answers an Expect header like a request without it: %s (E08, RFC 9110 10.1.1)',
    async (expectation) => {
      const head = `POST ${dialect.token} HTTP/1.1\r\nHost: x\r\nAuthorization: ${client.basic.authorization}\r\n`;
      const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
      const rest = `Expect: ${expectation}\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`;
      const text = await raw(library.server.port, head + type + rest);
      expect(text).toContain('HTTP/1.1 200 OK');
      expect(text.toLowerCase()).toContain('content-type: application/json');
    },
  );
});

describe('A request without Host', () => {
  it.each(['/auth/token', '/Client', '/.well-known/jwks.json', '/nowhere'])(
    'answers a request without Host 400 in the format of the API: %s (E08, RFC 9112 3.2)',
    async (path) => {
      const text = await raw(library.server.port, `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`);
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text.toLowerCase()).toMatch(/content-type: application\/(problem\+)?json/);
      const older = await raw(library.server.port, `GET ${path} HTTP/1.0\r\n\r\n`);
      expect(older).not.toMatch(/^HTTP\/1\.1 400 /);
    },
  );
});

describe('An answer of any dialect', () => {
  it('sends no cookie, nosniff, and neither server nor framework name (H09, ASVS 3.4, 13.4.6)', async () => {
    const { server } = library;
    const root = admin(server);
    const token = await client.token(NATIVE);
    const answers = [
      await client.ask(NATIVE),
      await form(`${server.url}/auth/introspect`, { token }, client.basic),
      await form(`${server.url}/auth/revoke`, { token: 'x' }, client.basic),
      await get(`${server.url}/.well-known/openid-configuration`),
      await get(`${server.url}/.well-known/jwks.json`),
      await get(`${server.url}/auth/verify?scope=book:1:read`, bearer(token)),
      await get(`${server.url}/health/live`),
      await get(`${server.url}/nowhere`),
      await get(`${server.url}/Session`, bearer(token)),
      await get(`${server.url}/Client`),
      await root.get('/Client'),
      await root.get('/Client/nobody'),
      await root.post('/Client', {}),
    ];
    for (const { headers } of answers) {
      const names = [...headers.keys()];
      expect(names.filter((name) => /^(set-cookie|server|x-powered-by|via|etag-weak)$/.test(name))).toEqual(
        [],
      );
    }
    const reported = answers.filter(({ status }) => status !== 204).map(({ headers }) => headers);
    for (const headers of reported) expect(headers.get('content-type') ?? 'application/json').toMatch(/json/);
  });
});

const ENDPOINTS = {
  introspection: ['/auth/introspect', '/oauth/introspect', '/oidc/token/introspection'],
  revocation: ['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation'],
};

describe.each(Object.entries({ ...ENDPOINTS, token: DIALECTS.map(({ token }) => token) }))(
  'A body that is sent for %s',
  (_name, paths) => {
    it.each(paths)('rejects a body with a Content-Encoding: %s (E12, RFC 9110 8.4)', async (path) => {
      const url = library.server.url + path;
      const fields = {
        grant_type: 'client_credentials',
        token: 'x',
        audience: LIBRARY,
        scope: 'book:1:read',
      };
      for (const encoding of ['gzip', 'foo', 'gzip, gzip', 'identity, gzip']) {
        const { status, body } = await form(url, fields, { ...client.basic, 'content-encoding': encoding });
        expect([status, body.error], encoding).toEqual([415, 'invalid_request']);
      }
      const plain = await form(url, fields, { ...client.basic, 'content-encoding': 'Identity' });
      expect(plain.status).toBe(200);
    });
  },
);

describe.each(Object.entries(ENDPOINTS))('Client authentication at %s', (_name, paths) => {
  it.each(paths)(
    'accepts each authentication method of the metadata: %s (K06, C12, RFC 8414 2)',
    async (path) => {
      const url = library.server.url + path;
      const wrong = basic(client.id, 'not its secret at all');
      const asked = [
        await form(url, { token: 'x' }, client.basic),
        await form(url, { token: 'x', ...client.inBody }),
        await form(url, { token: 'x' }, wrong),
        await form(url, { token: 'x', client_id: client.id, client_secret: 'not its secret at all' }),
        await form(url, { token: 'x', client_id: client.id }),
        await form(url, { token: 'x' }),
        await form(url, { token: 'x', ...client.inBody }, client.basic),
      ];
      expect(asked.map(({ status }) => status)).toEqual([200, 200, 401, 401, 401, 401, 400]);
    },
  );

  it.each(paths)(
    'accepts only the registered authentication method of the client at %s (K06, C14, RFC 7591 2)',
    async (path) => {
      const only = await aClient(library.server)
        .with({ token_endpoint_auth_method: 'client_secret_post' })
        .register();
      const url = library.server.url + path;
      expect((await form(url, { token: 'x', ...only.inBody })).status).toBe(200);
      expect((await form(url, { token: 'x' }, only.basic)).status).toBe(401);
    },
  );
});
