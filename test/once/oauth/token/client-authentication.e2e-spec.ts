import { beforeAll, describe, expect, it } from 'vitest';
import { at, DIALECTS } from '../../../support/dialects.js';
import { form, json, raw } from '../../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, register, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let client: TestClient;
let odd: TestClient;

const ODD_SECRET = 'p%:+ é&/=';
const invalidClient = { error: 'invalid_client', error_description: 'client authentication failed' };
const moreThanOne = {
  error: 'invalid_request',
  error_description: 'the request contains more than one method of client authentication',
};
const base64 = (bytes: string | Uint8Array) => Buffer.from(bytes as string).toString('base64');

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:1:read').register();
  odd = await aClient(library.server).with({ secret: ODD_SECRET }).withGrant('book:1:read').register();
});

describe.each(DIALECTS)('Client authentication in the $name dialect', (dialect) => {
  const url = () => library.server.url + dialect.token;
  const whole = { grant_type: 'client_credentials', ...READ_BOOK_1 };
  const withHeader = (authorization: string) => form(url(), whole, { authorization });

  it('accepts the Basic header, and id and secret in a form or in JSON (C01, RFC 6749 2.3.1)', async () => {
    const answers = [
      await form(url(), whole, client.basic),
      await form(url(), { ...whole, ...client.inBody }),
      await json(url(), whole, client.basic),
      await json(url(), { ...whole, ...client.inBody }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('form-decodes id and secret after Base64, and takes a secret as it was sent too (C02, RFC 6749 2.3.1, fault C5)', async () => {
    expect((await form(url(), whole, odd.basic)).status).toBe(200);
    expect((await form(url(), { ...whole, ...odd.inBody })).status).toBe(200);
    const undecoded = await withHeader(`Basic ${base64(`${odd.id}:${ODD_SECRET}`)}`);
    expect(undecoded.status).toBe(200);
  });

  it('splits at the first colon only (C03, RFC 7617 2)', async () => {
    const colons = await aClient(library.server)
      .with({ secret: 'se:cr:et:99' })
      .withGrant('book:1:read')
      .register();
    expect((await withHeader(`Basic ${base64(`${colons.id}:se:cr:et:99`)}`)).status).toBe(200);
    expect((await form(url(), whole, colons.basic)).status).toBe(200);
    expect((await withHeader(`Basic ${base64(`${colons.id}:se`)}`)).status).toBe(401);
    const leading = await aClient(library.server)
      .with({ secret: ':starts:with' })
      .withGrant('book:1:read')
      .register();
    expect((await withHeader(`Basic ${base64(`${leading.id}::starts:with`)}`)).status).toBe(200);
  });

  it.each(['basic', 'BASIC', 'bAsIc'])('accepts the scheme as %s (C04, RFC 9110 11.1)', async (scheme) => {
    const credentials = client.basic.authorization.replace('Basic ', '');
    expect((await withHeader(`${scheme} ${credentials}`)).status).toBe(200);
  });

  it('accepts one space or more after the scheme, again and again, and no tab (C04, RFC 9110 11.4)', async () => {
    const credentials = client.basic.authorization.replace('Basic ', '');
    for (const gap of ['  ', '    ', '  ']) {
      expect((await withHeader(`Basic${gap}${credentials}`)).status).toBe(200);
    }
    for (const gap of ['\t', ' \t', '\t ']) {
      expect((await withHeader(`Basic${gap}${credentials}`)).status).toBe(401);
    }
  });

  it.each([
    ['no credentials', 'Basic'],
    ['an empty value', 'Basic '],
    ['bad Base64', 'Basic !!!'],
    ['Base64 that is cut short', 'Basic abcde'],
    ['no colon', `Basic ${base64('idsecret')}`],
    ['an empty id', `Basic ${base64(':secret')}`],
    ['an empty secret', `Basic ${base64('id:')}`],
    ['NUL', `Basic ${base64('id:se\0cret')}`],
    ['invalid UTF-8', `Basic ${base64(Uint8Array.from([105, 100, 58, 255, 254]))}`],
    ['a broken percent escape', `Basic ${base64('id:100%')}`],
    ['another scheme', 'Bearer abc'],
    ['an unknown scheme', 'Digest username="x"'],
    ['a scheme that only holds the word', `xBasic ${base64('id:secret')}`],
    ['a very long value', `Basic ${base64(`id:${'x'.repeat(8000)}`)}`],
  ])('rejects %s with 401 (C05, RFC 7617 2)', async (_fault, authorization) => {
    const answer = await withHeader(authorization);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(invalidClient);
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="latchkey", charset="UTF-8"');
  });

  it('rejects two methods at once, also when both are right (C06, RFC 6749 2.3)', async () => {
    const assertion = { client_assertion: 'a.b.c', client_assertion_type: 'x' };
    for (const fields of [
      client.inBody,
      { client_secret: client.secret },
      { client_secret: 'wrong' },
      assertion,
    ]) {
      const answer = await form(url(), { ...whole, ...fields }, client.basic);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(moreThanOne);
    }
    const inBody = await form(url(), { ...whole, ...client.inBody, ...assertion });
    expect(inBody.body).toEqual(moreThanOne);
  });

  it('rejects a second Authorization header, of which Node would drop one (C06, RFC 6749 2.3)', async () => {
    const body = String(new URLSearchParams(whole));
    const head = [
      `POST ${dialect.token} HTTP/1.1`,
      'Host: localhost',
      `Authorization: ${client.basic.authorization}`,
      `Authorization: ${odd.basic.authorization}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      'Connection: close',
    ];
    const text = await raw(library.server.port, `${head.join('\r\n')}\r\n\r\n${body}`);
    expect(text).toContain('HTTP/1.1 400 Bad Request');
    expect(text).toContain(
      '{"error":"invalid_request","error_description":"the request has more than one Authorization header"}',
    );
  });

  it('accepts the same client_id beside Basic, and rejects another one (C07, RFC 6749 5.2)', async () => {
    expect((await form(url(), { ...whole, client_id: client.id }, client.basic)).status).toBe(200);
    const other = await form(url(), { ...whole, client_id: odd.id }, client.basic);
    expect(other.status).toBe(400);
    expect(other.body).toEqual({
      error: 'invalid_request',
      error_description: 'client_id does not match the client in the Authorization header',
    });
  });

  it('answers a wrong secret with 401 and a challenge, by header and by body alike (C08, C09, RFC 6749 5.2)', async () => {
    const wrong = { client_id: client.id, client_secret: 'not the secret' };
    const byHeader = await withHeader(`Basic ${base64(`${client.id}:not+the+secret`)}`);
    const byBody = await form(url(), { ...whole, ...wrong });
    for (const answer of [byHeader, byBody]) {
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual(invalidClient);
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="latchkey", charset="UTF-8"');
    }
    expect(byBody.text).toBe(byHeader.text);
  });

  it('accepts a value without a scheme as Basic in the native dialect alone (the early Aidbox page)', async () => {
    const answer = await withHeader(client.basic.authorization.replace('Basic ', ''));
    expect(answer.status).toBe(at(dialect, { native: 200, auth0: 401, authing: 401 }));
    const malformed = await withHeader(base64('no-colon'));
    expect(malformed.status).toBe(401);
  });

  it('accepts only the registered authentication method of the client (C14, RFC 7591 2)', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post']) {
      const only = await aClient(library.server)
        .with({ token_endpoint_auth_method: method })
        .withGrant('book:1:read')
        .register();
      const byHeader = await form(url(), whole, only.basic);
      const byBody = await form(url(), { ...whole, ...only.inBody });
      const [right, wrong] = method === 'client_secret_basic' ? [byHeader, byBody] : [byBody, byHeader];
      expect(right.status).toBe(200);
      expect(wrong.status).toBe(401);
      expect(wrong.body).toEqual(invalidClient);
    }
  });

  it('rejects a client without a secret, whatever it presents (C13, RFC 6749 2.3.1, CVE-2026-44476)', async () => {
    const id = `without-secret-${dialect.name}`;
    await register(library.server, 'Client', id, { grant_types: ['client_credentials'] });
    const attempts = [
      form(url(), { ...whole, client_id: id }),
      form(url(), { ...whole, client_id: id, client_secret: '' }),
      form(url(), { ...whole, client_id: id, client_secret: 'null' }),
      form(url(), { ...whole, client_id: id, client_secret: 'undefined' }),
      withHeader(`Basic ${base64(`${id}:`)}`),
      withHeader(`Basic ${base64(`${id}:null`)}`),
    ];
    for (const { status, body } of await Promise.all(attempts)) {
      expect(status).toBe(401);
      expect(body).toEqual(invalidClient);
    }
  });

  it.each([
    ['root', 'root'],
    ['admin', 'admin'],
    ['root', 'verysecret'],
    ['api-client', 'verysecret'],
    ['cc-client', 'verysecretsecret'],
    ['guest', 'guest'],
  ])('has no default client %s:%s (C17, ASVS 13.2.3)', async (id, secret) => {
    const answer = await form(url(), { ...whole, client_id: id, client_secret: secret });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(invalidClient);
  });

  it('authenticates the client before checking grant, audience and scope (E04, RFC 6749 3.2.1)', async () => {
    const answer = await form(url(), {
      grant_type: 'foo',
      scope: 'é',
      audience: 'x',
      client_id: client.id,
      client_secret: 'wrong one',
    });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(invalidClient);
  });
});
