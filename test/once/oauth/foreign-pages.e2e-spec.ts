import { beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS, NATIVE } from '../../support/dialects.js';
import { basic, bearer, form, raw, request } from '../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const LIMIT = 3;
const library = useLibrary({ env: { LATCHKEY_FAILURES_PER_MINUTE: String(LIMIT) } });
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server)
    .with({ secret: 'chosen-by-a-person', token_quota: { per_hour: 1 } })
    .withGrant('book:1:read')
    .register();
});

const SITES = ['cross-site', 'same-site', 'anything'];
const ENDPOINTS = [
  ...DIALECTS.map(({ token }) => token),
  ...['/auth/introspect', '/oauth/introspect', '/oidc/token/introspection'],
  ...['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation'],
];

describe('A cross-site browser request', () => {
  it.each(ENDPOINTS)(
    'rejects a cross-site browser request with an OAuth error at %s (fault A10)',
    async (path) => {
      for (const site of SITES) {
        const fields = { grant_type: 'client_credentials', token: 'x', ...client.inBody };
        const answer = await form(library.server.url + path, fields, { 'sec-fetch-site': site });
        expect([site, answer.status]).toEqual([site, 403]);
        expect(answer.body).toEqual({
          error: 'invalid_request',
          error_description: 'browser pages of other sites cannot use this endpoint; call it from a server',
        });
        expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    },
  );

  it('rejects a cross-site browser request before its body arrives (fault A10)', async () => {
    const head = 'POST /auth/token HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: cross-site\r\n';
    const type = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n';
    expect(await raw(library.server.port, head + type)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('rejects a form of a page over plain HTTP, which has no Sec-Fetch-Site (fault A10)', async () => {
    const headers = 'Host: 10.0.0.5:8080\r\nOrigin: http://evil.example\r\nAccept-Language: en\r\n';
    const head = `POST /auth/token HTTP/1.1\r\n${headers}`;
    const type = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n';
    expect(await raw(library.server.port, head + type)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('counts a cross-site browser request neither for quotas nor for failure limits (fault A10)', async () => {
    const url = library.server.url + NATIVE.token;
    const fields = { grant_type: 'client_credentials', ...READ_BOOK_1 };
    const foreign = { 'sec-fetch-site': 'cross-site' };
    for (let times = 0; times < 2 * LIMIT; times++) {
      await form(url, { ...fields, ...client.inBody }, foreign);
      await form(url, fields, { ...basic(client.id, `none of ours ${times}`), ...foreign });
    }
    expect((await client.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
    expect((await client.ask(NATIVE, READ_BOOK_1)).status).toBe(429);
  });
});

describe('A request of a program', () => {
  const programs: Record<string, string>[] = [
    {},
    { 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin', origin: 'https://portal.example' },
    { origin: 'https://portal.example' },
  ];

  it.each(programs)('serves a program with the headers %j (fault A10)', async (headers) => {
    const served = await aClient(library.server).withGrant('book:1:read').register();
    for (const dialect of DIALECTS)
      expect((await served.ask(dialect, READ_BOOK_1, headers)).status).toBe(200);
  });

  it('verifies tokens for gateways regardless of the page that called them (fault A10)', async () => {
    const served = await aClient(library.server).withGrant('book:1:read').register();
    const token = await served.token(NATIVE, READ_BOOK_1);
    const headers = { ...bearer(token), 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const url = `${library.server.url}/auth/verify?scope=book:1:read`;
    expect((await request(url, { method: 'POST', headers })).status).toBe(200);
  });
});
