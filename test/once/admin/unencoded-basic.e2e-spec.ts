import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkTo } from '../../admin/callers.js';
import { DIALECTS } from '../../support/dialects.js';
import { form, get } from '../../support/http.js';
import { rememberSecret } from '../../support/leaks.js';
import { aClient, register } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** As `curl -u` sends it (RFC 7617). */
function asSent(id: string, secret: string): { authorization: string } {
  const credentials = Buffer.from(`${id}:${secret}`).toString('base64');
  for (const one of [credentials, secret]) rememberSecret(one);
  return { authorization: `Basic ${credentials}` };
}

async function clientWith(secret: string): Promise<string> {
  const { id } = await aClient(server)
    .with({ secret, grant_types: ['client_credentials', 'basic'] })
    .register();
  await register(server, 'AccessPolicy', id, {
    engine: 'rules',
    link: linkTo(id),
    rules: [{ effect: 'allow', resource: 'Client', identifier: '*', operations: ['read'] }],
  });
  return id;
}

const atAdministration = async (id: string, secret: string) =>
  (await get(`${server.url}/Client/${id}`, asSent(id, secret))).status;

const atTokens = async (id: string, secret: string) =>
  Promise.all(
    DIALECTS.map(
      async ({ token }) =>
        (await form(server.url + token, { grant_type: 'client_credentials' }, asSent(id, secret))).body.error,
    ),
  );
const REFUSED = Array(DIALECTS.length).fill('invalid_client');

const SECRETS = [
  'q7+Zr/Yx1+kP0w==',
  '100%-of-it',
  'a%20b%2Bc%3D9',
  'with spaces in it',
  'é+ü%&=;:x',
  'sK:c8:eW+1z9',
];

describe('Basic credentials that are not form-encoded', { timeout: 60_000 }, () => {
  it.each(SECRETS)(
    'accepts the secret %s at the administration API and the OAuth endpoints (fault C5)',
    async (secret) => {
      const id = await clientWith(secret);
      for (let again = 0; again < 2; again++) {
        expect(await atAdministration(id, secret)).toBe(200);
        expect(await atTokens(id, secret)).not.toContain('invalid_client');
      }
    },
  );

  it.each(SECRETS)('form-decodes the secret %s at the OAuth endpoints only (fault C5)', async (secret) => {
    const id = await clientWith(secret);
    const encoded = new URLSearchParams({ s: secret }).toString().slice(2);
    // Before and after it was found right elsewhere.
    for (let again = 0; again < 2; again++) {
      expect(await atTokens(id, encoded)).not.toContain('invalid_client');
      expect(await atAdministration(id, encoded)).toBe(401);
    }
    expect(await atAdministration(id, secret)).toBe(200);
  });

  it('rejects a spelling of a secret that means another one (fault C5)', async () => {
    const spaced = await clientWith('a c e g i');
    const plus = await clientWith('a+c+e+g+i');
    const percent = await clientWith('a%2Bc%2Be%2Bg');
    expect(await atAdministration(spaced, 'a+c+e+g+i')).toBe(401);
    expect(await atAdministration(plus, 'a c e g i')).toBe(401);
    expect(await atAdministration(percent, 'a+c+e+g')).toBe(401);
    expect(await atTokens(plus, 'a c e g i')).toEqual(REFUSED);
    expect(await atTokens(percent, 'a+c+e+g')).toEqual(REFUSED);
    expect(await atTokens(spaced, 'a%2Bc%2Be%2Bg%2Bi')).toEqual(REFUSED);
  });

  it('accepts a form-encoded id at the OAuth endpoints only (fault C5)', async () => {
    const id = await clientWith('a+secret+of+it');
    const encoded = id.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`);
    expect(await atTokens(encoded, 'a%2Bsecret%2Bof%2Bit')).not.toContain('invalid_client');
    expect(await atTokens(encoded, 'a+secret+of+it')).toEqual(REFUSED);
    expect(await atAdministration(encoded, 'a+secret+of+it')).toBe(401);
  });
});
