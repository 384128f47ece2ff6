import { beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS, NATIVE } from '../../support/dialects.js';
import { basic, raw } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const LIMIT = 3;
const BODY = 'grant_type=client_credentials&audience=urn%3Alibrary&scope=book%3A1%3Aread';
/** More than Node would look at by itself, and less than the 16 KiB that a header may have. */
const PADDING = 'a:\r\n'.repeat(2500);

const library = useLibrary({
  env: { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1', LATCHKEY_FAILURES_PER_MINUTE: String(LIMIT) },
});
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:1:read').register();
});

/** A length beside a transfer coding would be refused for itself. */
const framed = (last: string) =>
  last.startsWith('Transfer-Encoding')
    ? `${PADDING}${last}\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`
    : `Content-Length: ${BODY.length}\r\n${PADDING}${last}\r\n${BODY}`;

const ask = async (path: string, last: string, first = '', { authorization } = client.basic) => {
  const text = await raw(
    library.server.port,
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nConnection: close\r\n${first}` +
      `Content-Type: application/x-www-form-urlencoded\r\n${framed(last)}`,
  );
  return Number(text.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
};

describe.each(DIALECTS)('The last of many headers in the $name dialect', ({ token }) => {
  it.each([
    ['a second Authorization', 'Authorization: Bearer x\r\n', 400],
    ['a second Host', 'Host: evil.example\r\n', 400],
    ['a second Content-Type', 'Content-Type: text/plain\r\n', 400],
    ['a transfer coding', 'Transfer-Encoding: gzip, chunked\r\n', 400],
    ['a content coding', 'Content-Encoding: gzip\r\n', 415],
    ['nothing odd', 'X-Anything: x\r\n', 200],
  ])('reads the last header like the first: %s (H07, RFC 9110 5.3)', async (_what, last, status) => {
    expect(await ask(token, last)).toBe(status);
  });
});

describe('The client address in the last of many headers of a trusted proxy', () => {
  it('counts failures by that address (H06, L01, RFC 9700 4.13)', async () => {
    const wrong = basic(client.id, 'none of its secrets');
    const statuses: number[] = [];
    for (let attempt = 0; attempt <= LIMIT; attempt++) {
      const forged = `X-Forwarded-For: 203.0.113.${attempt}\r\n`;
      statuses.push(await ask(NATIVE.token, 'X-Forwarded-For: 198.51.100.7\r\n', forged, wrong));
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
  });
});
