import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { AUTH0, NATIVE } from '../support/dialects.js';
import { basic } from '../support/http.js';
import { findLeaks } from '../support/leaks.js';
import { LIBRARY, useLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { send } from './answers.js';
import { deny, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;
let texts: string[];
const secrets: string[] = [];

const CHOSEN = 'chosen-by-a-person-7';
const REFUSED = `refused-${'x'.repeat(255)}`;

beforeAll(async () => {
  const { server } = library;
  root = admin(server);
  const chosen = await aClient(server, 'chosen').with({ secret: CHOSEN }).withGrant('book:*:read').register();
  const made = await aClient(server, 'made')
    .withTokens({ refresh_token: true })
    .withGrant('book:*:read')
    .register();
  const tokens = await Promise.all([
    chosen.ask(NATIVE),
    made.ask(NATIVE),
    made.ask(AUTH0, { audience: LIBRARY }),
  ]);
  for (const { status, body } of tokens) {
    expect(status).toBe(200);
    secrets.push(body.access_token, ...(body.refresh_token ? [body.refresh_token] : []));
  }
  const rotated = await root.post('/Client/made/$rotate-secret', { overlap: 600 });
  expect(rotated.status, rotated.text).toBe(200);
  secrets.push(
    CHOSEN,
    REFUSED,
    made.secret,
    rotated.body.secret,
    server.adminSecret,
    server.env.LATCHKEY_MASTER_KEY!,
  );

  const bodies = (method: string, path: string, body: string, type = 'application/json') =>
    send(server, method, path, body, { ...basic(server.adminId, server.adminSecret), 'content-type': type });
  const answers = await Promise.all([
    ...['Client', 'Resource', 'AccessPolicy', 'Session', 'SigningKey'].flatMap((type) => [
      root.get(`/${type}?_count=1000`),
      root.get(`/${type}?_count=1000`, { accept: 'text/yaml' }),
    ]),
    ...['chosen', 'made', 'root'].map((id) => root.get(`/Client/${id}`)),
    root.get('/Client?_elements=name,auth'),
    root.put('/Client/chosen', { grant_types: ['client_credentials'], secret: CHOSEN }),
    root.patch('/Client/chosen', { secret: CHOSEN }),
    root.put('/Client/new', { secret: CHOSEN }),
    root.post('/Client', { secret: CHOSEN }),
    // Faults: none may repeat what was sent.
    root.put('/Client/chosen', { secret: REFUSED }),
    root.patch('/Client/chosen', { secret: REFUSED, name: 7 }),
    root.put('/Client/chosen', { secret: [CHOSEN] }),
    root.put('/Client/chosen', { secret: { value: CHOSEN } }),
    root.put('/Client/chosen', { client_secret: CHOSEN }),
    root.put('/Client/chosen', { name: { secret: CHOSEN } }),
    root.put('/Client/chosen', { auth: { client_credentials: { token_format: CHOSEN } } }),
    root.post('/Client', { id: 'chosen', secret: CHOSEN }),
    root.put('/Client/chosen', { secret: CHOSEN }, { 'if-match': '"77"' }),
    bodies('PUT', '/Client/chosen', `{"secret":"${CHOSEN}"`),
    bodies('PUT', '/Client/chosen', `{"secret":"${CHOSEN}","secret":"${CHOSEN}"}`),
    bodies('PUT', '/Client/chosen', `secret: "${CHOSEN}\n`, 'text/yaml'),
    bodies('PUT', '/Client/chosen', `secret: &a ${CHOSEN}\nsecret: *a\n`, 'text/yaml'),
    bodies('PUT', '/Client/chosen', `secret: !x ${CHOSEN}\n`, 'text/yaml'),
    bodies('PUT', '/Client/chosen', `secret=${CHOSEN}`, 'application/x-www-form-urlencoded'),
    admin(server, basic('chosen', CHOSEN)).get('/Client'),
    admin(server, basic('made', made.secret)).get('/Client'),
    ...tokens.map(({ body }) =>
      admin(server, { authorization: `Bearer ${body.access_token}x` }).get('/Client'),
    ),
    ...tokens.map(({ body }) => root.get(`/Session?access_token=${body.access_token}`)),
    root.get(`/Session/${secrets[0]}`),
    root.post('/AccessPolicy/$explain', { client: 'made', scope: 'book:1:read' }),
    root.post('/AccessPolicy/$who-can', { scope: 'book:1:read' }),
    root.post('/AccessPolicy/$difference', {
      everyone: true,
      engine: 'rules',
      rules: [deny('book', '*', 'read')],
    }),
    root.post('/AccessPolicy', { engine: 'allow', link: linkTo(CHOSEN) }),
    root.delete('/Client/new'),
  ]);
  texts = answers.map(({ text, headers }) => `${[...headers].join('\n')}\n${text}`);
});

describe('Responses (A03, A09, ASVS 8.2.3, CVE-2026-16104, CVE-2026-17048)', () => {
  it('contain no secret or token except one just created', () => {
    expect(texts.length).toBeGreaterThan(40);
    expect(secrets.length).toBeGreaterThan(8);
    // An unknown client's id is named where a reference to it stands, whatever it looks like.
    const reported = texts.map((text) => text.replaceAll(`Client ${CHOSEN} does not exist`, ''));
    for (const secret of secrets) {
      for (const text of reported)
        expect(text.includes(secret), `${secret.slice(0, 8)}… in ${text}`).toBe(false);
    }
  });

  it('contain no hash, digest or sealed key', () => {
    for (const text of texts) {
      expect(text).not.toMatch(/digest|argon2|\$2[aby]\$|pepper|sealed|private|BEGIN [A-Z ]*KEY/i);
      expect(text).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/);
      expect(text).not.toMatch(/^\s*(d|p|q|dp|dq|qi|k): /m);
    }
  });
});

describe('Log lines (G02, ASVS 16.2.5)', () => {
  it('contain no secret, token, hash or sealed key', () => {
    expect(findLeaks()).toEqual([]);
  });
});
