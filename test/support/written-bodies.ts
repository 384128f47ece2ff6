/** Bodies at and beyond every bound, to compare what the server accepts with the OpenAPI document. */

const TEXTS = [
  7,
  null,
  true,
  '',
  'a',
  'ä b',
  'a"b',
  'a\\b',
  'a\tb',
  'a\u0085b',
  'x'.repeat(255),
  'x'.repeat(256),
];
export const NUMBERS = [
  -1,
  0,
  1,
  1.5,
  '1',
  null,
  300,
  301,
  7_776_000,
  7_776_001,
  2_147_483_647,
  2_147_483_648,
];
export const FLAGS = [true, false, 'true', 1, null];
const SECRETS = [
  'seven.c',
  'eight.ch',
  'pass\tword',
  '𝒶'.repeat(8),
  '𝒶'.repeat(7),
  'x'.repeat(255),
  'x'.repeat(256),
];
export const IDS = ['a'.repeat(64), 'a'.repeat(65), '-a', '_a', 'a b', ''];
const MANY = (most: number, one: unknown) => [most, most + 1].map((length) => Array(length).fill(one));

const tokens = (name: string, values: readonly unknown[]) =>
  values.map((value) => ({ auth: { client_credentials: { [name]: value } } }));
export const members = (name: string, values: readonly unknown[]) =>
  values.map((value) => ({ [name]: value }));

const KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const keys = (...all: unknown[]) => ({ jwks: { keys: all } });

const KEYS: object[] = [
  keys(),
  keys(KEY),
  ...MANY(20, KEY).map((many) => keys(...(many as unknown[]))),
  { ...keys(KEY), jwks_uri: 'https://keys.example/' },
  { ...keys(KEY), secret: 'eight.ch' },
  { ...keys(KEY), secret: null },
  ...['issuer', 'token_endpoint', 'any', null].map((one) => ({ ...keys(KEY), assertion_audience: one })),
  ...[{ d: 'AAAA' }, { kid: 'k' }, { kid: '' }, { kid: 7 }, { kid: 'k'.repeat(256) }].map((one) =>
    keys({ ...KEY, ...one }),
  ),
  ...[{ kty: 'oct', k: 'AAAA' }, { use: 7 }, { use: 'enc' }, { key_ops: 'verify' }, { note: 'n' }].map(
    (one) => keys({ ...KEY, ...one }),
  ),
  { jwks: {} },
  { jwks: [] },
  { jwks: null },
  ...[
    'https://keys.example/',
    'HTTPS://keys.example',
    'keys.example',
    'https://a@x.example/',
    'https://x/#a',
  ].map((jwks_uri) => ({ jwks_uri })),
  { jwks_uri: null },
  { jwks_uri: `https://x.example/${'x'.repeat(2048)}` },
];

export const CLIENTS = [
  ...members('name', TEXTS),
  ...members('active', FLAGS),
  ...members('secret', [...SECRETS, null, 7]),
  ...members('grant_types', [[], ['basic'], ['implicit'], 'basic', ...MANY(10, 'basic')]),
  ...members('token_endpoint_auth_method', ['client_secret_post', 'none', null, 'private_key_jwt']),
  ...members('jwks', [{ keys: [] }]),
  ...members('jwks_uri', ['https://keys.example/']),
  ...members('assertion_audience', ['issuer']),
  ...KEYS.map((one) => ({ token_endpoint_auth_method: 'private_key_jwt', ...one })),
  ...members('auth', [{}, [], null, { x: 1 }, { client_credentials: 1 }, { client_credentials: { x: 1 } }]),
  ...tokens('token_format', ['jwt', 'JWT', null]),
  ...tokens('access_token_expiration', NUMBERS),
  ...tokens('token_expiration', NUMBERS),
  ...tokens('refresh_token', FLAGS),
  ...tokens('refresh_token_expiration', NUMBERS),
  ...tokens('refresh_token_reuse_grace', NUMBERS),
  ...tokens('audience', [...TEXTS.map((text) => [text]), ...MANY(100, 'a')]),
  ...tokens('signing_alg', ['ES256', 'HS256', 'none']),
  ...tokens('profile', ['rfc9068', 'x']),
  { resourceType: 'Client', id: 'bounds' },
  ...members('meta', [7, null, {}, { versionId: '1', createdAt: 'x', lastUpdated: null }, { tag: [] }]),
  { resourceType: 'Resource' },
  { x: 1 },
];

const operation = (value: unknown) => ({ operations: [value] });
const NAMES = [...TEXTS, 'a:b', '*', 'a*', 'x'.repeat(257)];

export const RESOURCES = [
  ...members('name', TEXTS),
  ...members('audience', TEXTS),
  ...members('operations', [[], null, {}, 7]),
  ...NAMES.map((name) => operation({ name })),
  ...[...TEXTS, 'x'.repeat(10_000), 'x'.repeat(10_001)].map((description) =>
    operation({ name: 'a', description }),
  ),
  ...[{}, { name: 'a', x: 1 }, 'a', null].map(operation),
  ...members('introspection_clients', [
    [{ resourceType: 'Client', id: 'reader' }],
    [{ reference: 'Client/reader' }],
    [{ reference: 'reader' }],
    [{ reference: 'Client/reader', id: 'reader' }],
    [{ id: 'reader' }],
    [{ resourceType: 'Client' }],
    ['reader'],
    ...MANY(500, { reference: 'Client/reader' }),
  ]),
  ...NUMBERS.map((value) => ({ token: { access_token_expiration: value } })),
  ...members('token', [{}, { x: 1 }, null, { profile: 'x' }, { signing_alg: 'PS256' }]),
  { secret: 'x' },
];

export const trust = (more: object) => ({ issuer: 'https://bounds.example', ...more });

export const ISSUERS = [
  {},
  ...['https://bounds.example', 'spiffe://example.org', 'urn:x', 7, ''].map((issuer) => ({
    issuer,
    jwks: { keys: [KEY] },
  })),
  ...['https://a.example?x', 'https://a.example#x', 'https://u@a.example', 'spiffe://a/b'].map((issuer) => ({
    issuer,
    jwks: { keys: [KEY] },
  })),
  ...members('name', TEXTS).map(trust),
  ...members('description', [...TEXTS, 'x'.repeat(10_000), 'x'.repeat(10_001)]).map(trust),
  ...members('algs', [[], ['RS256'], ['HS256'], 'RS256', null]).map(trust),
  ...members('audiences', [[], ['urn:x'], ['a b'], [7], ...MANY(20, 'urn:x')]).map(trust),
  ...members('max_lifetime_seconds', [...NUMBERS, 2_592_000, 2_592_001]).map(trust),
  ...members('replay', ['once', 'reuse', 'never', null]).map(trust),
  ...members('shared', [false, 'true', null]).map(trust),
  ...members('pins', [['sub'], []]).map(trust),
  ...[['sub'], [], ['x'.repeat(512)], ['x'.repeat(513)], ...MANY(20, 'sub')].map((pins) =>
    trust({ shared: true, pins }),
  ),
  trust({ shared: true }),
  trust({ jwks: { keys: [KEY] }, jwks_uri: 'https://keys.example/' }),
  trust({ jwks_uri: 'https://keys.example/' }),
  trust({ jwks_uri: 'ftp://keys.example/' }),
  trust({ x: 1 }),
];

const fed = (more: object) => ({ federated: [{ issuer: 'of-the-rules', subject: 'a', ...more }] });

export const RULES = [
  ...members('federated', [[], null, {}, ['x'], [{}]]),
  ...MANY(50, { issuer: 'of-the-rules', subject: 'a' }).map((federated) => ({ federated })),
  ...['a', 'a*', '', 'x'.repeat(1024), 'x'.repeat(1025), 7].map((subject) => fed({ subject })),
  ...[
    {},
    { a: 'b' },
    { a: 1, b: true, c: ['d', 2] },
    { a: null },
    { a: {} },
    { a: [] },
    { a: '' },
    'x',
    [],
  ].map((claims) => fed({ claims })),
  fed({ claims: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [n, 'x'])) }),
  fed({ x: 1 }),
];

export const link = [{ reference: 'Client/reader' }];
export const rule = { effect: 'allow', resource: 'book', identifier: '*', operations: ['read'] };
export const ruled = (...rules: unknown[]) => ({ engine: 'rules', link, rules });

export const POLICIES = [
  {},
  { engine: 'allow', link },
  { engine: 'allow', link, everyone: false },
  { engine: 'allow', everyone: true },
  { engine: 'allow', link, everyone: true },
  { engine: 'allow' },
  { engine: 'allow', link, rules: [rule] },
  { engine: 'other', link },
  { engine: 'allow', link: [] },
  ...MANY(10_000, link[0]).map((links) => ({ engine: 'allow', link: links })),
  ruled(rule),
  ruled(),
  { engine: 'rules', link },
  { engine: 'rules', rules: [rule] },
  { engine: 'rules', everyone: true, rules: [rule] },
  { engine: 'rules', everyone: true, link, rules: [rule] },
  { engine: 'rules', everyone: false, rules: [rule] },
  { ...ruled(rule), x: 1 },
  ...['effect', 'resource', 'identifier', 'operations'].map((name) => ruled({ ...rule, [name]: undefined })),
  ...[...TEXTS, 'a*', '**', 'a:b', 'x'.repeat(257)].map((identifier) => ruled({ ...rule, identifier })),
  ...['allow', 'deny', 'permit'].map((effect) => ruled({ ...rule, effect })),
  ...['*', 'bo*', 'x y', ''].map((resource) => ruled({ ...rule, resource })),
  ...[[], ['*'], [7], 'read', null].map((operations) => ruled({ ...rule, operations })),
  ruled({ ...rule, x: 1 }),
  ruled('allow'),
];
