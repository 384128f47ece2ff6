import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { aSigningClient, INVALID_CLIENT, JWT_BEARER, Signer } from '../../support/assertions.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, form } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, register } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
let signer: Signer;
let rsa: Signer;

beforeAll(async () => {
  root = admin(library.server);
  signer = await Signer.make();
  rsa = await Signer.make('RS256');
});

const signing = (members: object = {}) => ({
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'private_key_jwt',
  ...members,
});
const withKeys = (...keys: object[]) => signing({ jwks: { keys } });

describe('Clients with private_key_jwt', () => {
  it('shows a client with keys as written, without a generated secret, in JSON and YAML', async () => {
    const jwks = { keys: [{ ...signer.jwk, use: 'sig', 'x-note': { a: [1, null] } }], note: 'n' };
    const written = signing({ name: 'n', jwks, assertion_audience: 'token_endpoint' });
    const made = await root.post('/Client', { id: 'shown', ...written });
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject(written);
    expect(made.body).not.toHaveProperty('secret');
    expect(made.body).not.toHaveProperty('secrets');
    const { body, headers } = await root.get('/Client/shown');
    expect(body.jwks).toEqual(jwks);
    expect((await root.put('/Client/shown', body, { 'if-match': headers.get('etag')! })).status).toBe(200);
    const yaml = await root.get('/Client/shown', { accept: 'text/yaml' });
    const back = await root.put('/Client/from-yaml', yaml.text.replace('id: shown', 'id: from-yaml'), {
      'content-type': 'text/yaml',
    });
    expect(back.status, back.text).toBe(201);
    expect(back.body.jwks).toEqual(jwks);
    const listed = await root.get('/Client?_id=shown&_elements=jwks,assertion_audience');
    expect(listed.body.entry[0].resource).toMatchObject({ jwks, assertion_audience: 'token_endpoint' });
  });

  it('keeps keys that a patch omits, and replaces keys with an address', async () => {
    const { id } = await aSigningClient(library.server, { signer });
    const renamed = await root.patch(`/Client/${id}`, { name: 'x' });
    expect(renamed.body.jwks).toEqual({ keys: [signer.jwk] });
    const jwks_uri = 'https://keys.example/jwks?a=b';
    expectProblem(await root.patch(`/Client/${id}`, { jwks_uri }), 422, ['jwks_uri']);
    const moved = await root.patch(`/Client/${id}`, { jwks_uri, jwks: null });
    expect(moved.status, moved.text).toBe(200);
    expect(moved.body).toMatchObject({ jwks_uri });
    expect(moved.body).not.toHaveProperty('jwks');
  });

  it('rejects a secret, Basic and secret rotation for a client with keys (C14, RFC 7591 2)', async () => {
    const { server } = library;
    const client = await aClient(server)
      .with({ grant_types: ['client_credentials', 'basic'] })
      .withGrant('book:*:read')
      .register();
    const rest = () => admin(server, client.basic).get('/Session');
    expect((await rest()).status).toBe(200);
    expect((await client.ask(NATIVE, { audience: 'urn:library' })).status).toBe(200);
    const changed = await root.patch(`/Client/${client.id}`, {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [signer.jwk] },
    });
    expect(changed.body).not.toHaveProperty('secrets');
    expect((await client.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
    const inBody = { grant_type: 'client_credentials', ...client.inBody };
    expect((await form(server.url + NATIVE.token, inBody)).body).toEqual(INVALID_CLIENT);
    expect((await form(`${server.url}/auth/introspect`, { token: 'x', ...client.inBody })).status).toBe(401);
    expect((await rest()).status).toBe(401);
    expectProblem(await root.post(`/Client/${client.id}/$rotate-secret`), 409);
    expectProblem(await root.patch(`/Client/${client.id}`, { secret: 'another-secret' }), 422, ['secret']);
    expect((await root.patch(`/Client/${client.id}`, { secret: null })).status).toBe(200);
    // Back to a secret is back to no secret.
    const back = await root.patch(`/Client/${client.id}`, { token_endpoint_auth_method: null, jwks: null });
    expect(back.status, back.text).toBe(200);
    expect((await client.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
  });

  it('accepts a token obtained by an assertion at the administration API', async () => {
    const client = await aSigningClient(library.server, { signer });
    const fields = { audience: undefined };
    const answer = await client.present(NATIVE, await client.assertion(NATIVE), fields);
    expect(answer.status, answer.text).toBe(200);
    const rest = admin(library.server, bearer(answer.body.access_token));
    expect((await rest.get(`/Session?client=${client.id}`)).status).toBe(200);
    const assertion = { client_assertion_type: JWT_BEARER, client_assertion: await client.assertion(NATIVE) };
    const query = new URLSearchParams(assertion);
    expect((await admin(library.server, {}).get(`/Session?${query}`)).status).toBe(401);
  });
});

describe('Keys of a client', () => {
  const { d, p, q, dp, dq, qi, oth, k } = Object.fromEntries(
    ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map((name) => [name, 'AAAA']),
  );
  const big = (bytes: number, first = 0xff) => {
    const modulus = Buffer.alloc(bytes, 0xff);
    modulus[0] = first;
    return modulus.toString('base64url');
  };
  const zeros = (bytes: number, first: number) => Buffer.alloc(bytes).fill(first, 0, 1);
  const base64url = (bytes: Buffer) => bytes.toString('base64url');
  const ED25519 = { kty: 'OKP', crv: 'Ed25519' };
  const at = (member: string) => [`jwks.keys[0]${member}`];

  it.each<[string, () => object, string[]]>([
    ['a private member', () => ({ ...signer.jwk, d }), at('.d')],
    [
      'every private member',
      () => ({ ...rsa.jwk, d, p, q, dp, dq, qi, oth, k }),
      ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].flatMap((name) => at(`.${name}`)),
    ],
    ['a symmetric key', () => ({ kty: 'oct', k }), [...at('.k'), ...at('.kty')]],
    ['no type', () => ({}), at('.kty')],
    ['an unknown type', () => ({ ...signer.jwk, kty: 'AKP' }), at('.kty')],
    ['a type that every object has', () => ({ ...signer.jwk, kty: 'toString' }), at('.kty')],
    ['RSA of 1024 bits', () => ({ ...rsa.jwk, n: big(128) }), at('.n')],
    ['RSA of 2047 bits', () => ({ ...rsa.jwk, n: big(256, 0x7f) }), at('.n')],
    ['RSA of 16384 bits', () => ({ ...rsa.jwk, n: big(2048) }), at('.n')],
    ['an even RSA modulus', () => ({ ...rsa.jwk, n: base64url(zeros(256, 0x80)) }), at('.n')],
    ['an RSA modulus of ones', () => ({ ...rsa.jwk, n: big(256) }), at('.n')],
    ['an Ed25519 point of order 1', () => ({ ...ED25519, x: base64url(zeros(32, 1)) }), at('.x')],
    ['an Ed25519 point of order 4', () => ({ ...ED25519, x: base64url(zeros(32, 0)) }), at('.x')],
    ['the exponent 1', () => ({ ...rsa.jwk, e: 'AQ' }), at('.e')],
    ['a very long exponent', () => ({ ...rsa.jwk, e: big(64) }), at('.e')],
    ['an unknown curve', () => ({ ...signer.jwk, crv: 'secp256k1' }), at('.crv')],
    ['a curve of another type', () => ({ ...signer.jwk, crv: 'Ed25519' }), at('.crv')],
    ['X25519', () => ({ kty: 'OKP', crv: 'X25519', x: big(32) }), at('.crv')],
    ['a point off its curve', () => ({ ...signer.jwk, y: signer.jwk.x }), at('')],
    ['a missing coordinate', () => ({ ...signer.jwk, y: undefined }), at('.y')],
    ['a coordinate that is no base64url', () => ({ ...signer.jwk, y: 'a+b/c=' }), at('.y')],
    ['an alg of another key', () => ({ ...signer.jwk, alg: 'RS256' }), at('.alg')],
    ['HS256', () => ({ ...signer.jwk, alg: 'HS256' }), at('.alg')],
    ['alg none', () => ({ ...signer.jwk, alg: 'none' }), at('.alg')],
    ['a kid that is a number', () => ({ ...signer.jwk, kid: 7 }), at('.kid')],
    ['an empty kid', () => ({ ...signer.jwk, kid: '' }), at('.kid')],
    ['a use that is no string', () => ({ ...signer.jwk, use: ['sig'] }), at('.use')],
    ['key_ops that are no list', () => ({ ...signer.jwk, key_ops: 'verify' }), at('.key_ops')],
    ['no object', () => 'key' as never, at('')],
  ])('rejects a key set with %s (C25, J12, RFC 7517 4, RFC 7518 3.3)', async (_what, key, paths) => {
    expectProblem(await root.put('/Client/refused', withKeys(key())), 422, paths);
    expect((await root.get('/Client/refused')).status).toBe(404);
  });

  it('accepts one kid for keys of different types, and many other keys beside a few usable ones (fault C6)', async () => {
    const alternatives = withKeys(signer.jwk, { ...rsa.jwk, kid: signer.jwk.kid });
    expect((await root.put('/Client/alternatives', alternatives)).status).toBe(201);
    const others = Array.from({ length: 22 }, (_, n) => ({ ...signer.jwk, use: 'enc', kid: `enc-${n}` }));
    expect((await root.put('/Client/few-of-many', withKeys(...others, signer.jwk))).status).toBe(201);
  });

  it('rejects a repeated kid, too many keys and too large a set (L02, RFC 7517 4.5, ASVS 15.2.2)', async () => {
    const { kid: _kid, ...unnamed } = signer.jwk;
    const twice = withKeys(signer.jwk, rsa.jwk, rsa.jwk);
    expectProblem(await root.put('/Client/refused', twice), 422, ['jwks.keys[2].kid']);
    const many = (count: number) => withKeys(...Array(count).fill(unnamed));
    expect((await root.put('/Client/many', many(20))).status).toBe(201);
    expectProblem(await root.put('/Client/refused', many(21)), 422, ['jwks.keys']);
    const large = withKeys({ ...signer.jwk, note: 'x'.repeat(33_000) });
    expectProblem(await root.put('/Client/refused', large), 422, ['jwks']);
  });

  it.each<[string, object, string[]]>([
    ['neither jwks nor jwks_uri', {}, ['jwks']],
    ['both', { jwks: { keys: [] }, jwks_uri: 'https://x.example/' }, ['jwks_uri']],
    ['jwks that is null', { jwks: null }, ['jwks']],
    ['jwks that is a list', { jwks: [] }, ['jwks']],
    ['jwks without keys', { jwks: {} }, ['jwks.keys']],
    ['keys that are no list', { jwks: { keys: {} } }, ['jwks.keys']],
    ['another assertion_audience', { jwks: { keys: [] }, assertion_audience: 'any' }, ['assertion_audience']],
    ['a secret', { jwks: { keys: [] }, secret: 'verysecret' }, ['secret']],
    ...[
      'keys.example',
      '/jwks',
      'http://x.example/',
      'ftp://x.example/',
      'https://u:p@x.example/',
      'https://x.example/#a',
      'https://',
      `https://x.example/${'x'.repeat(2048)}`,
      '',
    ].map((jwks_uri): [string, object, string[]] => [
      `the jwks_uri ${jwks_uri.slice(0, 30)}`,
      { jwks_uri },
      ['jwks_uri'],
    ]),
    ['a jwks_uri that is a number', { jwks_uri: 7 }, ['jwks_uri']],
  ])('rejects %s together with private_key_jwt', async (_what, members, paths) => {
    expectProblem(await root.put('/Client/refused', signing(members)), 422, paths);
  });

  it('rejects keys without private_key_jwt', async () => {
    const members = { jwks: { keys: [] }, jwks_uri: 'https://x.example/', assertion_audience: 'issuer' };
    for (const method of [{}, { token_endpoint_auth_method: 'client_secret_basic' }]) {
      const answer = await root.put('/Client/refused', { ...members, ...method });
      expectProblem(answer, 422, ['jwks', 'jwks_uri', 'assertion_audience']);
    }
  });

  it('accepts an empty key set, with which no client can authenticate', async () => {
    const client = await aSigningClient(library.server, { jwks: { keys: [] } });
    expect((await client.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
  });
});

describe('Changing the keys of a client', () => {
  it('rejects a change of keys by a caller with fewer privileges than the client', async () => {
    const keeper = await aCaller(library.server, 'Client:*:*', 'book:*:read');
    const stronger = await aSigningClient(library.server, { signer });
    await register(library.server, 'AccessPolicy', 'stronger', {
      engine: 'rules',
      link: linkTo(stronger.id),
      rules: [allow('diary', '1', 'read')],
    });
    for (const patch of [
      { jwks: { keys: [rsa.jwk] } },
      { jwks: { keys: [] } },
      { jwks: null, jwks_uri: 'https://x.example/' },
      { assertion_audience: 'token_endpoint' },
      { token_endpoint_auth_method: null, jwks: null },
    ]) {
      expectProblem(await keeper.rest.patch(`/Client/${stronger.id}`, patch), 403);
    }
    expect((await keeper.rest.patch(`/Client/${stronger.id}`, { name: 'n' })).status).toBe(200);
    expect((await stronger.ask(NATIVE)).status).toBe(200);
    const weaker = await aSigningClient(library.server, { signer });
    const patched = await keeper.rest.patch(`/Client/${weaker.id}`, { jwks: { keys: [rsa.jwk] } });
    expect(patched.status, patched.text).toBe(200);
  });

  it('rejects a change of keys that locks out all administrators, unless one with keys remains', async () => {
    const method = { token_endpoint_auth_method: 'private_key_jwt' };
    const unusable = [
      { ...method, jwks: { keys: [] } },
      { ...method, jwks: { keys: [{ ...signer.jwk, use: 'enc' }] } },
      { ...method, jwks: { keys: [signer.jwk] }, grant_types: ['basic'] },
    ];
    for (const patch of unusable) expectProblem(await root.patch('/Client/root', patch), 409);
    const kept = { ...method, jwks: { keys: [signer.jwk] } };
    expect((await root.patch('/Client/root', kept)).status).toBe(200);
    expect((await root.get('/Client')).status).toBe(401);
    // The secret of the settings is the way back in.
    await library.server.restart();
    const { body } = await root.get('/Client/root');
    expect(body).not.toHaveProperty('token_endpoint_auth_method');
    expect(body).not.toHaveProperty('jwks');
  });
});
