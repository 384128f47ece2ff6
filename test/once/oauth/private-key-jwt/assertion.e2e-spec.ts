import { beforeAll, describe, expect, it } from 'vitest';
import {
  aSigningClient,
  INVALID_CLIENT,
  issuerOf,
  JWT_BEARER,
  nowSeconds,
  type SigningClient,
} from '../../../support/assertions.js';
import { DIALECTS } from '../../../support/dialects.js';
import { json } from '../../../support/http.js';
import { useLibrary } from '../../../support/library.js';

const library = useLibrary();
let client: SigningClient;
let other: SigningClient;

beforeAll(async () => {
  client = await aSigningClient(library.server);
  other = await aSigningClient(library.server);
});

const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe.each(DIALECTS)('private_key_jwt at the token endpoint of the $name dialect', (dialect) => {
  it('accepts an assertion in a form and in JSON (C18, RFC 7523 2.2)', async () => {
    expect((await client.ask(dialect)).status).toBe(200);
    const answer = await json(library.server.url + dialect.token, {
      grant_type: 'client_credentials',
      audience: 'urn:library',
      scope: 'book:1:read',
      client_id: client.id,
      client_assertion_type: JWT_BEARER,
      client_assertion: await client.assertion(dialect),
    });
    expect(answer.status).toBe(200);
    expect(answer.body.token_type).toBe('Bearer');
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['in another case', JWT_BEARER.toUpperCase()],
    ['that of SAML', 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer'],
    ['with a space behind it', `${JWT_BEARER} `],
  ])('rejects a client_assertion_type that is %s (C18, RFC 7521 4.2)', async (_what, type) => {
    const answer = await client.present(dialect, await client.assertion(dialect), {
      client_assertion_type: type,
    });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(INVALID_CLIENT);
  });

  it('rejects a type without an assertion (C18, RFC 7521 4.2)', async () => {
    const answer = await client.present(dialect, '', { client_id: client.id });
    expect(answer.body).toEqual(INVALID_CLIENT);
  });

  it.each<[string, (now: number) => Record<string, unknown>]>([
    ['iss is another', () => ({ iss: 'somebody' })],
    ['iss is missing', () => ({ iss: undefined })],
    ['sub is another client', () => ({ sub: other.id })],
    ['sub is missing', () => ({ sub: undefined })],
    ['iss and sub are another client', () => ({ iss: other.id, sub: other.id })],
    ['iss and sub are nobody', () => ({ iss: 'nobody', sub: 'nobody' })],
    ['iss and sub are no strings', () => ({ iss: [client.id], sub: [client.id] })],
    ['aud is missing', () => ({ aud: undefined })],
    ['exp is missing', () => ({ exp: undefined })],
    ['exp is a string', (now) => ({ exp: String(now + 60) })],
    ['exp has passed', (now) => ({ exp: now - 31 })],
    ['jti is missing', () => ({ jti: undefined })],
    ['jti is empty', () => ({ jti: '' })],
    ['jti is a number', () => ({ jti: 7 })],
    ['jti is very long', () => ({ jti: 'j'.repeat(256) })],
    ['iat is a string', (now) => ({ iat: String(now) })],
  ])('rejects an assertion whose %s (C19, RFC 7523 3)', async (_fault, changes) => {
    const answer = await client.ask(dialect, changes(nowSeconds()));
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(INVALID_CLIENT);
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="latchkey", charset="UTF-8"');
  });

  it('rejects a signature of another key, a changed claim and no signature (C19, RFC 7523 3)', async () => {
    const claims = client.claims(dialect);
    const foreign = await other.signer.sign(claims, { kid: client.signer.jwk.kid as string });
    const [head, , signature] = (await client.signer.sign(claims)).split('.');
    const changed = `${head}.${segment({ ...claims, exp: (claims.exp as number) + 1 })}.${signature}`;
    for (const jwt of [foreign, changed, `${head}.${segment(claims)}.`, `${head}.${segment(claims)}.AAAA`]) {
      expect((await client.present(dialect, jwt)).body).toEqual(INVALID_CLIENT);
    }
  });

  it('accepts the issuer with and without its slash (C20, RFC 7523 3)', async () => {
    const issuer = issuerOf(library.server, dialect).replace(/\/$/, '');
    expect((await client.ask(dialect, { aud: issuer })).status).toBe(200);
    expect((await client.ask(dialect, { aud: `${issuer}/` })).status).toBe(200);
  });

  it('accepts the issuer as the only item of a list (RFC 7519 4.1.3) (fault C6)', async () => {
    const issuer = issuerOf(library.server, dialect);
    expect((await client.ask(dialect, { aud: [issuer] })).status).toBe(200);
  });

  it('accepts assertions of an hour, and of a moment, from clocks that are 20 s off (fault C6)', async () => {
    const now = nowSeconds();
    for (const [iat, exp] of [
      [now + 1, now + 3601],
      [now + 20, now + 3620],
      [now - 25, now - 20],
    ]) {
      expect((await client.ask(dialect, { iat, exp })).status, `${exp}`).toBe(200);
    }
  });

  it('accepts an assertion once within the skew after its exp as well (fault C6)', async () => {
    const assertion = await client.assertion(dialect, { exp: nowSeconds() - 10 });
    expect((await client.present(dialect, assertion)).status).toBe(200);
    expect((await client.present(dialect, assertion)).body).toEqual(INVALID_CLIENT);
  });

  it('rejects every other aud, and lists of more than the issuer (C20, FAPI 2.0 5.3.2.1, CVE-2025-27370, CVE-2025-27371)', async () => {
    const { server } = library;
    const issuer = issuerOf(server, dialect);
    const foreign = DIALECTS.map((one) => issuerOf(server, one)).filter(
      (one) => one.replace(/\/$/, '') !== issuer.replace(/\/$/, ''),
    );
    for (const aud of [
      [],
      [[issuer]],
      [issuer, issuer],
      [issuer, 'https://x.example'],
      ['https://x.example'],
      server.publicUrl + dialect.token,
      `${issuer}//`,
      `${issuer.replace(/\/$/, '')}/x`,
      issuer.toUpperCase(),
      '',
      7,
      { issuer },
      'https://x.example/',
      ...foreign,
    ]) {
      expect((await client.ask(dialect, { aud })).body, JSON.stringify(aud)).toEqual(INVALID_CLIENT);
    }
  });

  it('accepts the URL of the token endpoint only from a client with that setting (C20, FAPI 2.0 5.3.2.1)', async () => {
    const { server } = library;
    const aidbox = await aSigningClient(server, { assertion_audience: 'token_endpoint' });
    const aud = server.publicUrl + dialect.token;
    expect((await aidbox.ask(dialect, { aud })).status).toBe(200);
    expect((await aidbox.ask(dialect, { aud: [aud] })).status).toBe(200);
    expect((await aidbox.ask(dialect, { aud: [aud, aud] })).body).toEqual(INVALID_CLIENT);
    const elsewhere = DIALECTS.filter((one) => one !== dialect).map((one) => server.publicUrl + one.token);
    for (const wrong of [issuerOf(server, dialect), ...elsewhere]) {
      expect((await aidbox.ask(dialect, { aud: wrong })).body, wrong).toEqual(INVALID_CLIENT);
    }
  });

  it('rejects a client_id that is not the subject (C21, RFC 7521 4.2, KC#22177)', async () => {
    const right = await client.present(dialect, await client.assertion(dialect), { client_id: client.id });
    expect(right.status).toBe(200);
    for (const client_id of [other.id, 'nobody', client.id.toUpperCase()]) {
      const answer = await client.present(dialect, await client.assertion(dialect), { client_id });
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual(INVALID_CLIENT);
    }
  });

  it('bounds how far ahead exp may be (C23, RFC 7523 3, CVE-2025-2559)', async () => {
    const now = nowSeconds();
    expect((await client.ask(dialect, { exp: now + 3600 })).status).toBe(200);
    for (const exp of [now + 3640, now + 2 * 3600, now + 48 * 3600, 1e18, Number.MAX_VALUE]) {
      expect((await client.ask(dialect, { exp })).body, String(exp)).toEqual(INVALID_CLIENT);
    }
  });

  it('accepts iat and nbf 10 s ahead and rejects more than 60 s (C24, FAPI 2.0 5.3.2.1)', async () => {
    const now = nowSeconds();
    for (const [ahead, status] of [
      [8, 200],
      [10, 200],
      [61, 401],
      [70, 401],
    ] as const) {
      expect((await client.ask(dialect, { iat: now + ahead })).status).toBe(status);
      expect((await client.ask(dialect, { nbf: now + ahead })).status).toBe(status);
    }
    expect((await client.ask(dialect, { iat: undefined })).status).toBe(200);
  });
});
