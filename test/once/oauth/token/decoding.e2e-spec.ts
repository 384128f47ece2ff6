import { beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS, NATIVE } from '../../../support/dialects.js';
import { basic, bearer, form, get, raw, request } from '../../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const FORM = 'application/x-www-form-urlencoded';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .withGrant('book:*:read')
    .register();
});

const invalid = (error_description: string) => ({ error: 'invalid_request', error_description });
const whole = () => String(new URLSearchParams({ grant_type: 'client_credentials', ...READ_BOOK_1 }));

describe.each(DIALECTS)('Bytes decide at the $name endpoints', (dialect) => {
  const post = (body: string | Uint8Array<ArrayBuffer>, type = FORM) =>
    request(library.server.url + dialect.token, {
      method: 'POST',
      headers: { ...client.basic, 'content-type': type },
      body,
    });

  it('accepts a form of ASCII bytes under every label that contains ASCII, and rejects others with 415 (fault C7)', async () => {
    for (const charset of ['ISO-8859-1', 'us-ascii', 'windows-1252']) {
      const answer = await post(whole(), `${FORM}; charset=${charset}`);
      expect(answer.status, `${charset} ${answer.text}`).toBe(200);
      expect(answer.body.scope).toBe('book:1:read');
    }
    const other = await post(whole(), `${FORM}; charset=utf-16`);
    expect([other.status, other.body.error]).toEqual([415, 'invalid_request']);
    expect(other.body.error_description).toMatch(/charset=utf-8/);
  });

  it('rejects bytes beyond ASCII under another label than UTF-8, and says so (fault C7)', async () => {
    const latin = Uint8Array.from([...Buffer.from(`${whole()}&x=`), 0xe9]);
    for (const body of [latin, `${whole()}&x=\u00e9`]) {
      const answer = await post(body, `${FORM}; charset=ISO-8859-1`);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(invalid('the body must be UTF-8, whatever its charset parameter says'));
    }
  });

  it('rejects percent-encoding that is not UTF-8 and names the parameter (fault C7)', async () => {
    for (const [body, which] of [
      [`grant_type=client_credentials&scope=caf%E9`, 'scope'],
      [`grant_type=client_credentials&audience=%C3%28`, 'audience'],
      [`client_secret=%E9&grant_type=client_credentials`, 'client_secret'],
      [`grant_type=client_credentials&x=%FF`, 'parameter 2'],
    ] as const) {
      const answer = await post(body);
      expect(answer.status, body).toBe(400);
      expect(answer.body).toEqual(invalid(`${which} is not percent-encoded UTF-8`));
    }
  });

  it('reads a form and JSON behind a byte order mark (fault C7)', async () => {
    expect((await post(`\uFEFF${whole()}`)).status).toBe(200);
    const json = JSON.stringify({ grant_type: 'client_credentials', ...READ_BOOK_1 });
    expect((await post(`\uFEFF${json}`, 'application/json')).status).toBe(200);
  });

  it('treats an empty Authorization header as absent (fault C7)', async () => {
    const body = `${whole()}&${new URLSearchParams(client.inBody)}`;
    const answer = await form(library.server.url + dialect.token, body, { authorization: '' });
    expect(answer.status, answer.text).toBe(200);
    const head =
      `POST ${dialect.token} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization:\r\n` +
      `Authorization: ${client.basic.authorization}\r\nContent-Type: ${FORM}\r\nContent-Length: ${whole().length}\r\n\r\n`;
    expect(await raw(library.server.port, head + whole())).toMatch(/^HTTP\/1\.1 200 /);
    const twice = head.replace('Authorization:\r\n', `Authorization: ${client.basic.authorization}\r\n`);
    expect(await raw(library.server.port, twice + whole())).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('Bytes decide elsewhere', () => {
  it('rejects a query of /auth/verify that cannot be decoded (fault C7)', async () => {
    const token = await client.token(NATIVE, READ_BOOK_1);
    const ask = (query: string) => get(`${library.server.url}/auth/verify?${query}`, bearer(token));
    expect((await ask('scope=book%3A1:read')).status).toBe(200);
    for (const name of ['scope', 'audience', 'sc%6Fpe']) {
      const answer = await ask(`${name}=caf%E9`);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(invalid(`${decodeURIComponent(name)} is not percent-encoded UTF-8`));
    }
  });

  it('treats an empty Authorization header as absent at /auth/verify and the administration API (fault C7)', async () => {
    for (const path of ['/auth/verify?scope=book:1:read', '/Client']) {
      const [none, empty] = [
        await get(library.server.url + path),
        await get(library.server.url + path, { authorization: '' }),
      ];
      expect(empty.status).toBe(none.status);
      expect(empty.headers.get('www-authenticate')).toBe(none.headers.get('www-authenticate'));
    }
  });

  it('names the parameter of a search that cannot be decoded (fault C7)', async () => {
    const { adminId, adminSecret, url } = library.server;
    const answer = await get(`${url}/Client?_count=1&name=caf%E9`, basic(adminId, adminSecret));
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([{ path: 'name', message: 'is not percent-encoded UTF-8' }]);
  });
});
