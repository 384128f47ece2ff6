import { describe, expect, it } from 'vitest';
import { DIALECTS, NATIVE } from '../../../support/dialects.js';
import { READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient } from '../../../support/registration.js';

const library = useLibrary();
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Pearson's chi-square of how often each symbol stands at this place; 63 degrees of freedom. */
function chiSquare(values: readonly string[], place: number): number {
  const expected = values.length / SYMBOLS.length;
  return [...SYMBOLS].reduce((sum, symbol) => {
    const observed = values.filter((value) => value[place] === symbol).length;
    return sum + (observed - expected) ** 2 / expected;
  }, 0);
}

const tokensOf = async (count: number, format: string, refresh = false) => {
  const client = await aClient(library.server)
    .withTokens({ token_format: format, refresh_token: refresh })
    .withGrant('book:1:read')
    .register();
  const answers = [];
  for (let asked = 0; asked < count; asked += 100) {
    answers.push(...(await Promise.all(Array.from({ length: 100 }, () => client.ask(NATIVE, READ_BOOK_1)))));
  }
  expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
  return answers.map(({ body }) => body);
};

describe('The values that are issued', { timeout: 120_000 }, () => {
  it('issues values of 256 random bits, no UUID, 74 characters long (T34, T35, T36, RFC 6749 10.10)', async () => {
    const bodies = await tokensOf(1000, 'opaque', true);
    for (const [name, prefix] of [
      ['access_token', 'lka_'],
      ['refresh_token', 'lkr_'],
    ] as const) {
      const values: string[] = bodies.map((body) => body[name]);
      expect(new Set(values).size).toBe(1000);
      for (const value of values) {
        expect(value).toMatch(/^lk[ar]_[A-Za-z0-9_-]{70}$/);
        expect(value.startsWith(prefix)).toBe(true);
        expect(value).not.toMatch(UUID);
        expect(Buffer.from(value.slice(4), 'base64url').toString('utf8')).not.toMatch(UUID);
      }
      // 63 degrees of freedom: above 140 once in ten million places.
      for (let place = 4; place < 68; place++)
        expect(chiSquare(values, place), `${name} ${place}`).toBeLessThan(140);
    }
  });

  it('derives neither of access token and refresh token from the other (T34, F14, RFC 6749 10.10)', async () => {
    const bodies = await tokensOf(100, 'opaque', true);
    for (const { access_token, refresh_token } of bodies) {
      expect(access_token.slice(4, 47)).not.toBe(refresh_token.slice(4, 47));
      expect(access_token.slice(47, 68)).not.toBe(refresh_token.slice(47, 68));
    }
  });

  it.each(DIALECTS)(
    'issues a JWT of at most 1,024 characters for one item in the $name dialect (T36, OAuth 2.1 3.2.3)',
    async (dialect) => {
      const client = await aClient(library.server)
        .withTokens({ token_format: 'jwt' })
        .withGrant('book:1:read')
        .register();
      const token = await client.token(dialect, READ_BOOK_1);
      expect(token.length).toBeLessThan(1024);
      expect(token.split('.')).toHaveLength(3);
    },
  );
});
