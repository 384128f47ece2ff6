import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { at, DIALECTS } from '../../../support/dialects.js';
import { form, json, request } from '../../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let jwt: TestClient;
let opaque: TestClient;

beforeAll(async () => {
  const build = (token_format: string) =>
    aClient(library.server).withTokens({ token_format }).withGrant('book:1:read').register();
  jwt = await build('jwt');
  opaque = await build('opaque');
});

const ODD = ['urn:日本', 'urn:\u{1F600}', 'urn:e\u0301', 'urn:\u202e', `urn:${'é'.repeat(100)}`, 'urn:"\\'];
/** Halves of characters: JSON can write them, UTF-8 cannot. */
const HALVES = ['"urn:\\ud800"', '"urn:\\udc00\\ud800"', '"\\ud83dx"'];

describe.each(DIALECTS)('An audience of odd text in the $name dialect', (dialect) => {
  const url = () => library.server.url + dialect.token;

  it('is copied into the token unchanged, or rejected (J16, RFC 8725 3.7)', async () => {
    for (const client of [jwt, opaque]) {
      for (const audience of ODD) {
        const answer = await client.ask(dialect, { audience, scope: 'book:1:read' });
        const expected = at(dialect, { native: [200, 400], auth0: [403], authing: [400] });
        expect(expected, `${audience} ${answer.text}`).toContain(answer.status);
        if (answer.status !== 200) continue;
        const token = answer.body.access_token;
        const reported = await form(`${library.server.url}/auth/introspect`, { token }, client.basic);
        expect(reported.body.aud).toBe(audience);
        if (client === jwt) expect(decodeJwt(token).aud).toBe(audience);
      }
    }
  });

  it('never contains an unpaired surrogate (J16, E12, RFC 8725 3.7)', async () => {
    for (const client of [jwt, opaque]) {
      for (const half of HALVES) {
        for (const name of ['audience', 'resource', 'scope', 'grant_type', 'client_id']) {
          const whole = { grant_type: 'client_credentials', ...client.inBody };
          const text = JSON.stringify({ ...whole, [name]: '?' }).replace('"?"', half);
          const answer = await json(url(), text);
          expect([400, 401, 403], `${name} ${answer.text}`).toContain(answer.status);
          expect(answer.body).not.toHaveProperty('access_token');
        }
      }
    }
  });
});

/** Members whose names V8 hashes alike when they look like whole numbers. */
const colliding = (step: number, count: number) =>
  `{${Array.from({ length: count }, (_, n) => `"${n * step}":1`).join(',')}}`;

describe('Members that look like whole numbers', () => {
  it.each([1, 8, 1024, 65_536, 2 ** 20])(
    'cost little, %i apart (L05, ASVS 15.2.2, CVE-2026-21717)',
    async (step) => {
      const count = Math.floor(60_000 / (String(step * 4000).length + 5));
      const text = colliding(step, count);
      expect(text.length).toBeLessThan(64 * 1024);
      for (const dialect of DIALECTS) {
        const start = performance.now();
        const answer = await json(library.server.url + dialect.token, text, jwt.basic);
        expect(performance.now() - start).toBeLessThan(2000);
        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
      }
      const written = await request(`${library.server.url}/Client`, {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'application/json', ...jwt.basic },
      });
      expect(written.status).toBe(401);
      expect((await jwt.ask(DIALECTS[0]!, READ_BOOK_1)).status).toBe(200);
    },
  );
});
