import { NATIVE } from './dialects.js';
import { bearer, raw, request } from './http.js';
import type { TestClient } from './registration.js';
import type { TestServer } from './server.js';

/** The most expensive request of its kind at the largest accepted size. Returns its status. */
export interface WorstInput {
  what: string;
  send(): Promise<number>;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const BODY_BYTES = 64 * 1024;
/** Node accepts 16 KB of headers, including a few default ones. */
const HEADER_BYTES = 14 * 1024;

const filled = (unit: string, bytes: number, start = '') =>
  (start + unit.repeat(Math.ceil(bytes / unit.length))).slice(0, bytes);
const listed = (length: number, item: (n: number) => string, separator: string) =>
  Array.from({ length }, (_, n) => item(n)).join(separator);

type HeaderFields = Record<string, string>;

function sender(server: TestServer) {
  return (
    what: string,
    method: string,
    path: string,
    headers: HeaderFields = {},
    body?: string,
  ): WorstInput => ({
    what: `${what} (${method} ${path.slice(0, 24)})`,
    send: async () =>
      (await request(server.url + path, { method, headers, ...(body === undefined ? {} : { body }) })).status,
  });
}

/** Forms and JSON bodies, from any caller. */
const BODIES: [string, string, string][] = [
  ['a form of many parameters', FORM, filled('a&', BODY_BYTES)],
  ['a form of different parameters', FORM, listed(7000, (n) => `p${n}=1`, '&')],
  ['a form of encoded text', FORM, filled('%C3%A9', BODY_BYTES, 'grant_type=a&scope=')],
  ['a form of nothing but %', FORM, filled('%', BODY_BYTES)],
  [
    'a form of text that looks like a JWT',
    FORM,
    filled('eyJ', BODY_BYTES, 'grant_type=a&client_secret=x&client_id='),
  ],
  ['a form of brackets', FORM, filled('[a]', BODY_BYTES, 'scope')],
  ['a long scope', FORM, `grant_type=client_credentials&scope=${listed(1900, (n) => `book:${n}:read`, '+')}`],
  ['a scope of many separators', FORM, filled('+', BODY_BYTES, 'grant_type=client_credentials&scope=')],
  ['many resources', FORM, `grant_type=client_credentials&${listed(3500, (n) => `resource=urn:${n}`, '&')}`],
  ['a long audience', FORM, filled('a', BODY_BYTES, 'grant_type=client_credentials&audience=')],
  ['a long refresh token', FORM, filled('lkr_', BODY_BYTES, 'grant_type=refresh_token&refresh_token=')],
  ['a long token', FORM, filled('eyJ.', BODY_BYTES, 'token=')],
  ['JSON of many members', JSON_TYPE, `{${listed(6000, (n) => `"k${n}":1`, ',')}}`],
  ['JSON of one member many times', JSON_TYPE, `{${listed(9000, () => '"k":1', ',')}}`],
  ['nested JSON', JSON_TYPE, filled('[', BODY_BYTES)],
  ['JSON of many lists', JSON_TYPE, `{"a":[${listed(15_000, () => '[]', ',')}]}`],
  ['JSON of escaped text', JSON_TYPE, `{"scope":"${'\\u0041'.repeat(10_000)}"}`],
  ['nested YAML', 'text/yaml', filled('{a: ', BODY_BYTES)],
  ['YAML that goes wrong at once', 'text/yaml', filled(',', BODY_BYTES, 'a: [')],
];

const OAUTH_PATHS = ['/auth/token', '/auth/introspect', '/auth/revoke', '/oauth/token', '/oidc/token'];

const ADMIN_ROUTES: [string, string][] = [
  ['POST', '/Client'],
  ['PATCH', '/Client/root'],
  ['PUT', '/AccessPolicy/x'],
  ['POST', '/AccessPolicy/$explain'],
];

const segment = (text: string) => Buffer.from(text).toString('base64url');

/** Assertions of 8 KB without a valid signature. */
const ASSERTIONS = [
  ['nested claims', `{"x":${'['.repeat(2500)}${']'.repeat(2500)}}`],
  ['claims of many members', `{${listed(500, (n) => `"k${n}":1`, ',')}}`],
  ['claims of one member many times', `{${listed(700, () => '"sub":1', ',')}}`],
].map(([what, claims]) => [
  `an assertion of ${what}`,
  FORM,
  String(
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${segment('{"alg":"ES256"}')}.${segment(claims as string)}.AAAA`,
    }),
  ),
]);

const HEADERS: [string, HeaderFields][] = [
  ['a media type of many blanks', { 'content-type': `${JSON_TYPE};${filled('\t', HEADER_BYTES)}x` }],
  ['a media type of many parameters', { 'content-type': filled(';a="\\"', HEADER_BYTES, JSON_TYPE) }],
  ['Basic of many characters', { authorization: filled('QTpB', HEADER_BYTES, 'Basic ') }],
  [
    'Basic of encoded text',
    { authorization: `Basic ${Buffer.from(`a:${'%41'.repeat(3000)}`).toString('base64')}` },
  ],
  ['Bearer of many characters', { authorization: filled('eyJ.', HEADER_BYTES, 'Bearer ') }],
  ['an authorization of blanks', { authorization: `Bearer${' '.repeat(HEADER_BYTES)}!` }],
  ['many accepted types', { accept: filled('*/*;q=0.1,', HEADER_BYTES) }],
  ['accepted types of commas', { accept: filled(',', HEADER_BYTES) }],
  ['accepted types of quotes', { accept: filled('a/b;c="', HEADER_BYTES) }],
  ['many entity tags', { 'if-match': filled('W/"1",', HEADER_BYTES) }],
  ['many forwarded addresses', { 'x-forwarded-for': filled('127.0.0.1, ', HEADER_BYTES) }],
  ['a forwarded zone', { 'x-forwarded-for': filled('%', HEADER_BYTES, 'fe80::1') }],
];

/** Requests without credentials; with the headers of a client, requests of a client without permissions. */
export function inputsOfAnyone(server: TestServer, caller: HeaderFields = {}): WorstInput[] {
  const input = sender(server);
  const bodies = [...BODIES, ...ASSERTIONS].flatMap(([what, type, body]) => {
    const headers = { ...caller, 'content-type': type as string };
    const paths = type === 'text/yaml' ? [] : OAUTH_PATHS.slice(0, caller.authorization ? 3 : 5);
    return [
      ...paths.map((path) => input(what as string, 'POST', path, headers, body)),
      ...ADMIN_ROUTES.slice(0, 1).map(([method, path]) => input(what as string, method, path, headers, body)),
    ];
  });
  const headers = HEADERS.flatMap(([what, fields]) => [
    input(what, 'POST', '/auth/token', { 'content-type': FORM, ...caller, ...fields }, 'grant_type=a'),
    ...ADMIN_ROUTES.map(([method, path]) =>
      input(what, method, path, { 'content-type': JSON_TYPE, ...caller, ...fields }, '{}'),
    ),
    input(what, 'GET', '/auth/verify?scope=a:b:c', { ...caller, ...(fields['content-type'] ? {} : fields) }),
  ]);
  const targets = [
    filled('a=1&', HEADER_BYTES, '/auth/verify?'),
    filled('scope=a:b:c&', HEADER_BYTES, '/auth/verify?'),
    filled('%41', HEADER_BYTES, '/auth/verify?scope='),
    filled('/%24', HEADER_BYTES, '/Client'),
    filled('/', HEADER_BYTES, '/'),
    filled('name=%C3%A9&', HEADER_BYTES, '/Client?'),
    filled('&', HEADER_BYTES, '/Session?'),
  ].map((target) => input('a long target', 'GET', target, caller));
  const host = `GET /health/live HTTP/1.1\r\nConnection: close\r\nHost: ${filled('%41', HEADER_BYTES)}!\r\n\r\n`;
  return [
    ...bodies,
    ...headers,
    ...targets,
    { what: 'a long Host', send: async () => Number((await raw(server.port, host)).slice(9, 12)) },
  ];
}

/** Requests for which a client needs no permission: its own session, its searches, checks of its token. */
export async function inputsOfClient(
  server: TestServer,
  client: TestClient,
  session: string,
): Promise<WorstInput[]> {
  const input = sender(server);
  const json = { ...client.basic, 'content-type': JSON_TYPE };
  const small = 16 * 1024;
  const cursor = segment(`["",${'['.repeat(6000)}`);
  const scope = listed(1000, (n) => `book:${n}:read`, ' ');
  const token = await client.token(NATIVE, { scope });
  const { body: granted } = await client.ask(NATIVE, {
    scope: `${listed(1500, (n) => `book:${n}:write`, ' ')} book:*:read`,
  });
  // The last item exceeds the grant, so that the refresh token is not used up.
  const refresh = {
    grant_type: 'refresh_token',
    refresh_token: granted.refresh_token,
    scope: `${listed(1500, (n) => `book:${n}:read`, ' ')} page:1:read`,
  };
  const form = { ...client.basic, 'content-type': FORM };
  const asked = listed(450, (n) => `scope=book:${999 - n}:read`, '&');
  return [
    input('nested JSON', 'PATCH', `/Session/${session}`, json, filled('{"a":', small)),
    input('many members', 'PATCH', `/Session/${session}`, json, `{${listed(1500, (n) => `"k${n}":1`, ',')}}`),
    input(
      'many long texts',
      'PATCH',
      `/Session/${session}`,
      json,
      `{"scope":"${filled('eyJ', small - 100)}"}`,
    ),
    input('a nested cursor', 'GET', `/Session?_after=${cursor}`, client.basic),
    input('many elements', 'GET', `/Session?_elements=${filled('id,', HEADER_BYTES)}`, client.basic),
    input('many sort keys', 'GET', `/Session?_sort=${filled('-_id,', HEADER_BYTES)}`, client.basic),
    input(
      'many dates',
      'GET',
      `/Session?${filled('start=ge2026-01-01T00:00:00Z&', HEADER_BYTES)}`,
      client.basic,
    ),
    input(
      'many items inside a long grant',
      'POST',
      '/auth/token',
      form,
      String(new URLSearchParams(refresh)),
    ),
    input('many items of a long scope', 'GET', `/auth/verify?${asked}`, bearer(token)),
    input(
      'one audience many times',
      'GET',
      `/auth/verify?${filled('audience=x&', HEADER_BYTES)}`,
      bearer(token),
    ),
    input('a token of a long scope', 'POST', '/auth/introspect', form, `token=${token}`),
  ];
}
