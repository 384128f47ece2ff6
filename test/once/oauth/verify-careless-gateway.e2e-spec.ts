import { beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get, raw } from '../../support/http.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
const READ = 'scope=book:1:read';
let reader: TestClient;

beforeAll(async () => {
  reader = await aClient(library.server).withGrant('book:1:read').register();
});

const readToken = () => reader.token(NATIVE, READ_BOOK_1);
const ask = async (search: string) =>
  get(`${library.server.url}/auth/verify?${search}`, bearer(await readToken()));

describe('A careless gateway at /auth/verify', () => {
  it('answers the next request after a body that was announced and not sent', async () => {
    const token = await readToken();
    const head = (method: string, search: string, more = '') =>
      `${method} /auth/verify?${search} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`;
    const next = head('GET', 'scope=book:1:write');
    const text = await raw(library.server.port, head('POST', READ, `Content-Length: ${next.length}\r\n`));
    // Kept open, the connection would take the next question for the body, and the answer to the one after for its own.
    expect(text).toMatch(/^connection: close\r$/im);
  });

  it('rejects an empty scope beside an audience', async () => {
    const audience = `audience=${encodeURIComponent(LIBRARY)}`;
    expect((await ask(`${audience}&scope=`)).status).toBe(400);
    expect((await ask(`${READ}&scope=`)).status).toBe(400);
  });

  it('rejects two Authorization headers, because the API may read the other one', async () => {
    const head = `Authorization: Bearer ${await readToken()}\r\nAuthorization: Bearer x\r\nConnection: close`;
    const text = await raw(
      library.server.port,
      `GET /auth/verify?${READ} HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 40[01] /);
  });
});
