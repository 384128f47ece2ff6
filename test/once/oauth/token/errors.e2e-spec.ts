import { beforeAll, describe, expect, it } from 'vitest';
import { at, DIALECTS, type Dialect } from '../../../support/dialects.js';
import { type Answer, basic, form, json, raw, request } from '../../../support/http.js';
import { ATLAS, LIBRARY, READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let client: TestClient;
let basicOnly: TestClient;

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:1:read').register();
  basicOnly = await aClient(library.server)
    .with({ grant_types: ['basic'] })
    .withGrant('book:1:read')
    .register();
});

const same = (status: number, error: string) =>
  ({ native: [status, error], auth0: [status, error], authing: [status, error] }) as const;

type Expected = Record<Dialect['name'], readonly [number, string]>;

const FAULTS: [string, Expected, (dialect: Dialect, url: string) => Promise<Answer>][] = [
  ['a wrong method', same(405, 'invalid_request'), (_dialect, url) => request(url)],
  [
    'a media type that is not taken',
    same(415, 'invalid_request'),
    (_dialect, url) => form(url, 'a=b', { 'content-type': 'text/plain' }),
  ],
  [
    'a body that is too large',
    same(413, 'invalid_request'),
    (_dialect, url) => form(url, `a=${'b'.repeat(70_000)}`),
  ],
  ['a body that is not JSON', same(400, 'invalid_request'), (_dialect, url) => json(url, '{"a":')],
  [
    'a repeated parameter',
    same(400, 'invalid_request'),
    (dialect) => client.ask(dialect, { scope: ['a', 'b'] }),
  ],
  ['no grant_type', same(400, 'invalid_request'), (dialect) => client.post(dialect, READ_BOOK_1)],
  [
    'two methods of authentication',
    same(400, 'invalid_request'),
    (dialect) => client.ask(dialect, { client_secret: 'x' }),
  ],
  [
    'no authentication',
    same(401, 'invalid_client'),
    (_dialect, url) => form(url, { grant_type: 'client_credentials' }),
  ],
  [
    'a wrong secret',
    same(401, 'invalid_client'),
    (_dialect, url) => form(url, { grant_type: 'client_credentials' }, basic(client.id, 'wrong one')),
  ],
  [
    'an unknown grant',
    same(400, 'unsupported_grant_type'),
    (dialect) => client.post(dialect, { grant_type: 'foo' }),
  ],
  [
    'a grant that the client may not use',
    same(400, 'unauthorized_client'),
    (dialect) => basicOnly.ask(dialect, READ_BOOK_1),
  ],
  [
    'a refresh token where it is not served, or not to this client',
    {
      native: [400, 'unauthorized_client'],
      auth0: [400, 'unsupported_grant_type'],
      authing: [400, 'unsupported_grant_type'],
    },
    (dialect) => client.post(dialect, { grant_type: 'refresh_token', refresh_token: 'x' }),
  ],
  [
    'resource beside another audience',
    same(400, 'invalid_request'),
    (dialect) => client.ask(dialect, { audience: LIBRARY, resource: ATLAS }),
  ],
  [
    'an unknown resource',
    { native: [400, 'invalid_target'], auth0: [403, 'access_denied'], authing: [400, 'invalid_target'] },
    (dialect) => client.ask(dialect, { resource: 'urn:nobody', scope: 'book:1:read' }),
  ],
  [
    'an audience without a policy',
    { native: [400, 'invalid_target'], auth0: [403, 'access_denied'], authing: [400, 'invalid_target'] },
    (dialect) => client.ask(dialect, { audience: ATLAS, scope: 'book:1:read' }),
  ],
  [
    'a scope outside the syntax',
    same(400, 'invalid_scope'),
    (dialect) => client.ask(dialect, { audience: LIBRARY, scope: '"\\é' }),
  ],
  [
    'a scope of which nothing is granted',
    { native: [400, 'invalid_scope'], auth0: [403, 'access_denied'], authing: [200, ''] },
    (dialect) => client.ask(dialect, { audience: LIBRARY, scope: 'book:2:read' }),
  ],
];

const DESCRIPTION = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

describe.each(DIALECTS)('The errors of the $name dialect', (dialect) => {
  const url = () => library.server.url + dialect.token;

  it.each(FAULTS)(
    'answers %s with one fixed error (E01, E02, E03, H01, H02, H09, RFC 6749 5.2)',
    async (_what, expected, ask) => {
      const [status, error] = expected[dialect.name];
      const { body, headers, ...answer } = await ask(dialect, url());
      expect(answer.status).toBe(status);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('pragma')).toBe('no-cache');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('www-authenticate')).toBe(
        status === 401 ? 'Basic realm="latchkey", charset="UTF-8"' : null,
      );
      expect(headers.get('allow')).toBe(status === 405 ? 'POST' : null);
      if (status === 200) return;
      const members = [
        'error',
        'error_description',
        ...(body.rejected_scope === undefined ? [] : ['rejected_scope']),
      ];
      expect(Object.keys(body)).toEqual(members);
      expect(body.error).toBe(error);
      // Auth0's own wording puts the audience into quotes; its clients compare the text.
      expect(body.error_description.replace(/"urn:atlas"|"client-grant"/g, '')).toMatch(DESCRIPTION);
    },
  );

  it('writes only permitted characters into error_description (E02, RFC 6749 5.2)', async () => {
    const audience = 'urn:"\\é\u0007\n<script>{日}';
    const { body } = await client.ask(dialect, { resource: audience, scope: 'book:1:read' });
    expect(body.error_description).toMatch(DESCRIPTION);
    const named = 'urn:?????<script>{?}';
    expect(body.error_description).toContain(
      at(dialect, { native: 'an absolute URI', auth0: named, authing: named }),
    );
    const long = await client.ask(dialect, { resource: 'x'.repeat(20_000), scope: 'book:1:read' });
    expect(long.text.length).toBeLessThan(600);
  });

  it('reports the first fault in the order shape, client, grant, audience, scope (E04, RFC 6749 3.2.1)', async () => {
    const wrong = {
      audience: { resource: 'urn:nobody' },
      scope: { scope: 'é' },
      grant: { grant_type: 'foo' },
    };
    const asked = { grant_type: 'client_credentials', scope: 'book:1:read' };
    const notClient = basic(client.id, 'wrong one');
    const of = async (fields: object, headers = client.basic) =>
      (await form(url(), { ...asked, ...fields }, headers)).body.error;
    expect(
      await of({ ...wrong.grant, ...wrong.audience, ...wrong.scope, scope2: '', 'scope[]': 'x' }, notClient),
    ).toBe('invalid_request');
    expect(await of({ ...wrong.grant, ...wrong.audience, ...wrong.scope, grant_type: '' }, notClient)).toBe(
      'invalid_request',
    );
    expect(await of({ ...wrong.grant, ...wrong.audience, ...wrong.scope }, notClient)).toBe('invalid_client');
    expect(await of({ ...wrong.grant, ...wrong.audience, ...wrong.scope })).toBe('unsupported_grant_type');
    expect(await of({ ...wrong.audience, ...wrong.scope })).toBe(
      at(dialect, { native: 'invalid_target', auth0: 'access_denied', authing: 'invalid_target' }),
    );
    expect(await of({ audience: LIBRARY, ...wrong.scope })).toBe('invalid_scope');
  });

  it('reports media type and size before the shape of the body', async () => {
    const large = `{"scope":"a","scope":"b",${'x'.repeat(70_000)}`;
    expect((await json(url(), large, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await json(url(), large)).status).toBe(413);
    expect((await json(url(), large.slice(0, 1000))).status).toBe(400);
  });

  it('reveals no internals (E05, ASVS 13.4.6, 16.5.1)', async () => {
    const answers = [
      await json(url(), '{"a":', client.basic),
      await form(url(), {
        grant_type: 'x'.repeat(5000),
        client_id: 'y'.repeat(5000),
        client_secret: 'z'.repeat(9000),
      }),
      await form(url(), `grant_type=client_credentials&client_id=${'%00'.repeat(100)}&client_secret=x`),
      await client.ask(dialect, { audience: "'; SELECT 1; --", scope: "' OR 1=1 --" }),
    ];
    for (const { status, text, headers } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(text).not.toMatch(
        / at |node_modules|\.js|sqlite|mysql|syntax|nest|fastify|statusCode|"message"/i,
      );
      expect(
        [...headers.keys()].filter((name) => /^(x-powered-by|server|via|set-cookie)$/.test(name)),
      ).toEqual([]);
    }
  });

  it('answers hostile requests 4xx and keeps serving (E11, ASVS 16.5.4)', async () => {
    const texts = [
      '{}',
      '[[[',
      '\u0000\u0001',
      '%%%',
      'a=b&a=b',
      '{"grant_type":{}}',
      '"',
      '&&&===',
      '\ufeff{}',
      '{"a":1e999}',
    ];
    const types = [
      'application/json',
      'application/x-www-form-urlencoded',
      'application/json;charset=x',
      'a/b',
      '*/*',
      ';',
    ];
    const headers = [
      {},
      client.basic,
      { authorization: '\u00ff' },
      { authorization: `Basic ${'='.repeat(50)}` },
    ];
    for (const text of texts) {
      for (const type of types) {
        for (const header of headers) {
          const { status, body } = await form(url(), text, { 'content-type': type, ...header });
          expect([400, 401, 415], `${type} ${text} ${JSON.stringify(header)}`).toContain(status);
          expect(body.error).toMatch(/^invalid_(request|client)$/);
        }
      }
    }
    expect((await request(`${library.server.url}/health/live`)).status).toBe(200);
  });

  it('writes a JSON error when the header is too large, or the address too long (E08, L02, ASVS 4.1.1)', async () => {
    const large = await raw(
      library.server.port,
      `POST ${dialect.token} HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
    );
    expect(large).toContain('HTTP/1.1 431 Request Header Fields Too Large');
    expect(large).toContain('{"error":"invalid_request","error_description":"the header is too large"}');
    const notHttp = await raw(library.server.port, 'HELLO\r\n\r\n');
    expect(notHttp).toContain('HTTP/1.1 400 Bad Request');
    expect(notHttp).toContain('application/json; charset=utf-8');
    const { status, headers, body } = await form(`${url()}/${'x'.repeat(4000)}`, '');
    expect([404, 414]).toContain(status);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(body.error).toBe('invalid_request');
  });
});
