import { beforeAll, describe, expect, it } from 'vitest';
import { at, DIALECTS } from '../../../support/dialects.js';
import { form, json, raw, request } from '../../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:1:read').register();
});

describe.each(DIALECTS)('A token request in the $name dialect', (dialect) => {
  const url = () => library.server.url + dialect.token;
  const granted = {
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: 3600,
    scope: 'book:1:read',
    ...at(dialect, { native: {}, auth0: {}, authing: { rejected_scope: '' } }),
  };
  const whole = { grant_type: 'client_credentials', ...READ_BOOK_1 };
  const wrongMethod = {
    error: 'invalid_request',
    error_description: 'this method is not allowed at this path',
  };

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'answers %s with 405 and the method that it takes (T01, T32, RFC 6749 3.2)',
    async (method) => {
      const search = new URLSearchParams({ ...whole, ...client.inBody });
      const answer = await request(`${url()}?${search}`, { method, headers: client.basic });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
      if (method !== 'HEAD') expect(answer.body).toEqual(wrongMethod);
    },
  );

  it('answers TRACE with 405 and echoes no header (T32, RFC 9110 9.3.8)', async () => {
    const text = await raw(
      library.server.port,
      `TRACE ${dialect.token} HTTP/1.1\r\nHost: localhost\r\nX-Secret: do-not-echo\r\nConnection: close\r\n\r\n`,
    );
    expect(text.split('\r\n')[0]).toBe('HTTP/1.1 405 Method Not Allowed');
    expect(text).not.toContain('do-not-echo');
  });

  it('accepts no credentials from the query (T02, RFC 6749 2.3.1)', async () => {
    const answer = await form(`${url()}?${new URLSearchParams(client.inBody)}`, whole);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: 'invalid_client',
      error_description: 'client authentication failed',
    });
  });

  it('accepts no parameter from the query (T03, RFC 6749 3.2)', async () => {
    const search = new URLSearchParams({
      scope: 'book:2:read',
      grant_type: 'password',
      audience: 'urn:atlas',
    });
    const answer = await form(`${url()}?${search}`, whole, client.basic);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(granted);
  });

  it('answers a form with a JSON object of exactly these members (T04, T17, T18, T19, H01, H02, H09, RFC 6749 5.1)', async () => {
    const answer = await form(url(), whole, client.basic);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.body).toEqual(granted);
  });

  it('answers the same to JSON (T05, ASVS 15.3.5)', async () => {
    const answer = await json(url(), { ...whole, ...client.inBody });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(granted);
  });

  it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/xml'])(
    'rejects %s with 415 and an OAuth body (T06, RFC 6749 5.2)',
    async (type) => {
      const answer = await form(url(), { ...whole, ...client.inBody }, { 'content-type': type });
      expect(answer.status).toBe(415);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.body).toEqual({
        error: 'invalid_request',
        error_description: 'the body must be application/x-www-form-urlencoded or application/json, in UTF-8',
      });
    },
  );

  it('ignores parameters that it does not know (T11, RFC 6749 3.2)', async () => {
    const answer = await client.ask(dialect, { ...READ_BOOK_1, foo: 'bar', login_hint: ['a', 'b'] });
    expect(answer.body).toEqual(granted);
  });

  it.each([{}, { grant_type: '' }])(
    'rejects a request without grant_type: %j (T12, RFC 6749 5.2)',
    async (fields) => {
      const answer = await client.post(dialect, { ...READ_BOOK_1, ...fields });
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ error: 'invalid_request', error_description: 'grant_type is required' });
    },
  );

  it.each([
    'foo',
    'password',
    'implicit',
    'authorization_code',
    'Client_Credentials',
    'basic',
    'constructor',
  ])('does not serve the grant %s (T13, T14, RFC 6749 5.2, CVE-2026-9792)', async (grant_type) => {
    const answer = await client.post(dialect, {
      ...READ_BOOK_1,
      grant_type,
      username: 'root',
      password: 'x',
      code: 'x',
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: 'unsupported_grant_type',
      error_description: 'this grant_type is not supported',
    });
  });

  it('rejects a grant that the client is not registered for (T15, RFC 6749 5.2, CVE-2026-9792)', async () => {
    const basicOnly = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .withGrant('book:1:read')
      .register();
    const answer = await basicOnly.ask(dialect, READ_BOOK_1);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: 'unauthorized_client',
      error_description: 'the client is not registered for client_credentials',
    });
  });

  it('rejects refresh_token to a client without it (T15, RFC 6749 5.2)', async () => {
    const answer = await client.post(dialect, { grant_type: 'refresh_token', refresh_token: 'lkr_x' });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe(
      at(dialect, {
        native: 'unauthorized_client',
        auth0: 'unsupported_grant_type',
        authing: 'unsupported_grant_type',
      }),
    );
  });

  it('gives nothing to a client that does not authenticate (T16, RFC 6749 4.4, CVE-2026-44476)', async () => {
    const answer = await form(url(), { ...whole, client_id: client.id });
    expect(answer.status).toBe(401);
    expect(answer.body.error).toBe('invalid_client');
  });

  it('gives no refresh token unless the client has it (T27, RFC 6749 4.4.3)', async () => {
    const { body } = await client.ask(dialect, READ_BOOK_1);
    expect(body).not.toHaveProperty('refresh_token');
  });

  it.each(['*/*', 'text/html', 'application/yaml', 'text/yaml'])(
    'answers JSON to Accept: %s (T30, RFC 6749 3.2)',
    async (accept) => {
      const answer = await client.ask(dialect, READ_BOOK_1, { accept });
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.body).toEqual(granted);
    },
  );

  it('answers JSON without Accept (T30, RFC 6749 3.2)', async () => {
    const body = String(new URLSearchParams(whole));
    const head = [
      `POST ${dialect.token} HTTP/1.1`,
      'Host: localhost',
      `Authorization: ${client.basic.authorization}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      'Connection: close',
    ];
    const text = await raw(library.server.port, `${head.join('\r\n')}\r\n\r\n${body}`);
    expect(text).toContain('200 OK');
    expect(text.toLowerCase()).toContain('content-type: application/json; charset=utf-8');
  });

  it.each(['/', '//', '/.', '%2F'])(
    'never redirects a request with credentials: %s added (T31, RFC 9700 4.12)',
    async (rest) => {
      const answer = await form(url() + rest, whole, client.basic);
      expect(answer.status).toBe(rest === '/.' ? answer.status : 404);
      expect(answer.headers.get('location')).toBeNull();
      expect([301, 302, 303, 307, 308]).not.toContain(answer.status);
    },
  );

  it('sends no CORS header, and refuses the preflight (T33, RFC 9700 2.6)', async () => {
    const origin = { origin: 'https://evil.example' };
    const answers = [
      await client.ask(dialect, READ_BOOK_1, origin),
      await request(url(), {
        method: 'OPTIONS',
        headers: { ...origin, 'access-control-request-method': 'POST' },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 405]);
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});
