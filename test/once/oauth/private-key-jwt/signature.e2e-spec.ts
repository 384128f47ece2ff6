import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import {
  aSigningClient,
  type Header,
  INVALID_CLIENT,
  JWT_BEARER,
  Signer,
  type SigningClient,
} from '../../../support/assertions.js';
import { DIALECTS, NATIVE } from '../../../support/dialects.js';
import { basic, form } from '../../../support/http.js';
import { useLibrary } from '../../../support/library.js';
import { aClient } from '../../../support/registration.js';

const library = useLibrary();
let client: SigningClient;
let other: SigningClient;
let rsa: SigningClient;

beforeAll(async () => {
  client = await aSigningClient(library.server);
  other = await aSigningClient(library.server);
  rsa = await aSigningClient(library.server, { signer: await Signer.make('RS256') });
});

const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe.each(DIALECTS)('The signature of an assertion in the $name dialect', (dialect) => {
  it('rejects alg none, by any spelling and with any signature (C25, RFC 8725 3.1)', async () => {
    const payload = segment(client.claims(dialect));
    const none = ['none', 'None', 'NONE'].map((alg) => `${segment({ alg })}.${payload}.`);
    for (const jwt of [...none, `${none[0]}AAAA`]) {
      expect((await client.present(dialect, jwt)).body).toEqual(INVALID_CLIENT);
    }
  });

  it('rejects an HMAC under the public key, however it is written (C25, RFC 8725 3.1, GHSA-mvf2-f6gm-w987)', async () => {
    for (const { claims, signer } of [client, rsa].map((one) => ({
      claims: one.claims(dialect),
      signer: one.signer,
    }))) {
      const { jwk } = signer;
      const key = createPublicKey({ key: jwk, format: 'jwk' } as never);
      const pem = key.export({ type: 'spki', format: 'pem' }).toString();
      const secrets = [pem, pem.trim(), `\n${pem}`, ` ${pem}`, `\t${pem}\n`, JSON.stringify(jwk)];
      for (const secret of [...secrets, key.export({ type: 'spki', format: 'der' })]) {
        for (const alg of ['HS256', 'HS512']) {
          const input = `${segment({ alg, kid: jwk.kid })}.${segment(claims)}`;
          const mac = createHmac(`sha${alg.slice(2)}`, secret)
            .update(input)
            .digest('base64url');
          expect((await client.present(dialect, `${input}.${mac}`)).body).toEqual(INVALID_CLIENT);
        }
      }
    }
    expect((await rsa.ask(dialect)).status).toBe(200);
  });

  it.each<[string, () => Header]>([
    ['jwk', () => ({ jwk: other.signer.jwk })],
    ['jku', () => ({ jku: 'https://x.example/jwks' })],
    ['x5u', () => ({ x5u: 'https://x.example/cert' })],
    ['x5c', () => ({ x5c: ['AAAA'] })],
    ['a kid that is a path', () => ({ kid: '../../../../dev/null' })],
    ['a kid that is SQL', () => ({ kid: "x' UNION SELECT 1 --" })],
    ['the typ of an access token', () => ({ typ: 'at+jwt' })],
    ['the typ of a DPoP proof', () => ({ typ: 'dpop+jwt' })],
  ])('rejects a header with %s (C26, RFC 8725 3.10, 3.11, CVE-2026-27962)', async (_what, header) => {
    expect((await client.ask(dialect, {}, header())).body).toEqual(INVALID_CLIENT);
    for (const kid of [undefined, client.signer.jwk.kid, other.signer.jwk.kid]) {
      const foreign = await other.signer.sign(client.claims(dialect), { kid, ...header() });
      expect((await client.present(dialect, foreign)).body).toEqual(INVALID_CLIENT);
    }
  });

  it('accepts the typ of a JWT and of a client assertion (C26, RFC 8725 3.11, rfc7523bis)', async () => {
    for (const typ of ['JWT', 'jwt', 'client-authentication+jwt', undefined]) {
      expect((await client.ask(dialect, {}, { typ })).status, String(typ)).toBe(200);
    }
  });

  it('rejects every critical extension, well signed (C27, RFC 7515 4.1.11, GHSA-hm7r-c7qw-ghp6)', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwks = { keys: [publicKey.export({ format: 'jwk' })] };
    const one = await aSigningClient(library.server, { jwks });
    const withHeader = (members: Header) => {
      const input = `${segment({ alg: 'ES256', ...members })}.${segment(one.claims(dialect))}`;
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
      return one.present(
        dialect,
        `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`,
      );
    };
    expect((await withHeader({})).status).toBe(200);
    for (const crit of [['x'], ['alg'], ['exp', 'x'], [], ['b64'], 'x', null, {}]) {
      const answer = await withHeader({ crit, x: 1, exp: 1, b64: true });
      expect(answer.body, JSON.stringify(crit)).toEqual(INVALID_CLIENT);
    }
  });

  it('rejects an assertion together with a secret, valid or not (C06, C28, RFC 6749 2.3, CVE-2026-16093)', async () => {
    const secret = await aClient(library.server).withGrant('book:*:read').register();
    const right = await client.assertion(dialect);
    const url = library.server.url + dialect.token;
    const whole = { grant_type: 'client_credentials', audience: 'urn:library', scope: 'book:1:read' };
    for (const client_assertion of [right, 'junk', 'a.b.c']) {
      const presented = { ...whole, client_assertion, client_assertion_type: JWT_BEARER };
      for (const answer of [
        await form(url, presented, secret.basic),
        await form(url, { ...presented, ...secret.inBody }),
        await form(url, presented, basic(client.id, 'a secret of nobody')),
      ]) {
        expect(answer.status).toBe(400);
        expect(answer.body.error).toBe('invalid_request');
      }
    }
    const typeAlone = await form(url, { ...whole, client_assertion_type: JWT_BEARER }, secret.basic);
    expect(typeAlone.status).toBe(400);
    expect((await client.present(dialect, right)).status).toBe(200);
    // The secret of a client that is to sign, beside what only looks like a signed assertion.
    const { id, signer } = await aSigningClient(library.server);
    const change = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [signer.jwk] } };
    expect((await admin(library.server).patch(`/Client/${secret.id}`, change)).status).toBe(200);
    const junk = { client_assertion: 'junk', client_assertion_type: JWT_BEARER };
    const unsigned = await form(url, { ...whole, ...junk, client_id: id });
    expect(unsigned.body).toEqual(INVALID_CLIENT);
    expect((await form(url, { ...whole, ...junk }, secret.basic)).status).toBe(400);
    expect((await form(url, whole, secret.basic)).body).toEqual(INVALID_CLIENT);
  });

  it('rejects text that is no JWS with the same response (C10, RFC 6749 5.2)', async () => {
    const jws = await client.assertion(dialect);
    for (const jwt of [
      'junk',
      '...',
      'a.b.c',
      'e30.e30.AAAA',
      `${jws}.AAAA.AAAA`,
      ` ${jws}`,
      `${segment([])}.${segment([])}.AAAA`,
      `${segment({ alg: 'ES256' })}.${Buffer.from('[1').toString('base64url')}.AAAA`,
      `${segment({ alg: 'dir', enc: 'A128GCM', zip: 'DEF' })}..AAAA.AAAA.AAAA`,
      `${jws.slice(0, 30)}${'A'.repeat(20_000)}.${segment({})}.AAAA`,
    ]) {
      expect((await client.present(dialect, jwt)).body, jwt.slice(0, 60)).toEqual(INVALID_CLIENT);
    }
  });

  it('answers every invalid assertion like a wrong secret (C10, RFC 6749 5.2)', async () => {
    const secret = await aClient(library.server).register();
    const disabled = await aSigningClient(library.server, { active: false });
    const empty = await aSigningClient(library.server, { jwks: { keys: [] } });
    const nobody = client.claims(dialect, { iss: 'nobody', sub: 'nobody' });
    const ofSecret = client.claims(dialect, { iss: secret.id, sub: secret.id });
    const answers = [
      await client.present(dialect, '', {
        client_assertion_type: undefined,
        client_id: 'x',
        client_secret: 'y',
      }),
      await client.present(dialect, await client.signer.sign(nobody)),
      await client.present(dialect, await client.signer.sign(ofSecret)),
      await disabled.ask(dialect),
      await empty.ask(dialect),
      await client.ask(dialect, { aud: 'x' }),
      await client.ask(dialect, { exp: 1 }),
    ];
    const shown = answers.map(({ status, text, headers }) => [
      status,
      text,
      [...headers].filter(([name]) => name !== 'date'),
    ]);
    for (const one of shown) expect(one).toEqual(shown[0]);
    expect(answers[0]?.status).toBe(401);
  });
});

describe('The keys of a client', () => {
  it.each([
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ])('verify every advertised algorithm: %s (K05, RFC 8414 2)', async (alg) => {
    const signer = await Signer.make(alg);
    const one = await aSigningClient(library.server, { signer });
    expect((await one.ask(NATIVE)).status).toBe(200);
  });

  it('hold a key to its alg, use and key_ops (C25, RFC 7517 4)', async () => {
    for (const [members, status] of [
      [{ alg: 'PS256' }, 401],
      [{ alg: 'RS256' }, 200],
      [{ use: 'enc' }, 401],
      [{ use: 'sig' }, 200],
      [{ key_ops: ['encrypt'] }, 401],
      [{ key_ops: ['verify'] }, 200],
    ] as const) {
      const signer = await Signer.make('RS256', members as object);
      const one = await aSigningClient(library.server, { signer });
      expect((await one.ask(NATIVE)).status, JSON.stringify(members)).toBe(status);
    }
  });

  it('are chosen by kid, and tried where there is none (RFC 7515 4.1.4)', async () => {
    const [first, second] = [await Signer.make(), await Signer.make()];
    const one = await aSigningClient(library.server, {
      signer: second,
      jwks: { keys: [first.jwk, second.jwk] },
    });
    expect((await one.ask(NATIVE)).status).toBe(200);
    expect((await one.ask(NATIVE, {}, { kid: undefined })).status).toBe(200);
    expect((await one.ask(NATIVE, {}, { kid: first.jwk.kid as string })).status).toBe(401);
    expect((await one.ask(NATIVE, {}, { kid: 'unknown' })).status).toBe(401);
    const { kid: _kid, ...unnamed } = second.jwk;
    const nameless = await aSigningClient(library.server, { signer: second, jwks: { keys: [unnamed] } });
    expect((await nameless.ask(NATIVE)).status).toBe(200);
  });

  it('of two types may share a kid, and those that cannot verify do not take their places (fault C6)', async () => {
    const [ec, rsa] = [
      await Signer.make('ES256', { kid: 'shared' }),
      await Signer.make('RS256', { kid: 'shared' }),
    ];
    const others = Array.from({ length: 24 }, (_, n) => ({ ...ec.jwk, use: 'enc', kid: `enc-${n}` }));
    for (const signer of [ec, rsa]) {
      const one = await aSigningClient(library.server, {
        signer,
        jwks: { keys: [...others, ec.jwk, rsa.jwk] },
      });
      expect((await one.ask(NATIVE)).status).toBe(200);
      const forger = await Signer.make(signer.alg, { kid: 'shared' });
      const forged = await forger.sign(one.claims(NATIVE));
      expect((await one.present(NATIVE, forged)).status).toBe(401);
    }
  });
});
