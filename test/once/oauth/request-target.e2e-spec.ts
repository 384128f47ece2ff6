import { beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS } from '../../support/dialects.js';
import { raw } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:1:read').register();
});

const ask = (method: string, target: string, lines = '', body = '') =>
  raw(
    library.server.port,
    `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines}\r\n${body}`,
  );

const BODY = 'grant_type=client_credentials&audience=urn%3Alibrary&scope=book%3A1%3Aread';
const form = () =>
  `Authorization: ${client.basic.authorization}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
  `Content-Length: ${BODY.length}\r\n`;

describe('A request target in absolute form', () => {
  it.each(DIALECTS)(
    'routes an absolute-form target by its path in the $name dialect (E05, RFC 9112 3.2.2)',
    async ({ token }) => {
      for (const authority of ['http://localhost', 'HTTPS://as.example:8443', 'http://[::1]:1']) {
        const text = await ask('POST', authority + token, form(), BODY);
        expect(text).toMatch(/^HTTP\/1\.1 200 .*"access_token":/s);
      }
      const wrong = await ask('GET', `http://localhost${token}`);
      expect(wrong).toMatch(/^HTTP\/1\.1 405 /);
      expect(wrong).toMatch(/^allow: POST\r$/im);
    },
  );

  it('answers an absolute-form target in the format of its path (E08, RFC 9457)', async () => {
    const text = await ask('GET', 'http://localhost/Client/nobody');
    expect(text).toMatch(/^HTTP\/1\.1 401 .*content-type: application\/problem\+json/is);
    expect(await ask('GET', 'http://localhost/SigningKey/%24rotate')).toMatch(/^HTTP\/1\.1 405 /);
  });

  it('answers a target with userinfo 404 (H09, RFC 9110 4.2.4)', async () => {
    expect(await ask('GET', 'http://user:word@localhost/health/live')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await ask('GET', 'http://localhost/health/live')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('A request target that is no path', () => {
  it.each(['*', '*health/live', '*auth/token', 'ftp://localhost/health/live'])(
    'is at no address: %s (E05, RFC 9112 3.2.4)',
    async (target) => {
      for (const method of ['GET', 'OPTIONS', 'POST']) {
        const text = await ask(method, target);
        expect(text).toMatch(/^HTTP\/1\.1 404 .*"error":"invalid_request"/s);
      }
    },
  );

  it('is the root if it has a query but no path (RFC 9112 3.2.2)', async () => {
    expect(await ask('GET', 'http://localhost?x/health/live')).toMatch(/^HTTP\/1\.1 405 .*allow: POST/is);
    expect(await ask('POST', 'http://localhost?x/health/live')).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each(['health/live', '?', 'http:///health/live', 'http://[::bad/health/live', 'x:y/health/live'])(
    'rejects a target that is no path: %s (E08, RFC 9112 3.2)',
    async (target) => {
      expect(await ask('GET', target)).toMatch(/^HTTP\/1\.1 400 /);
    },
  );
});
