import { describe, expect, it } from 'vitest';
import { BearerError, forbidden } from '../../protocol/bearer-error.js';
import { bearerChallenge, readBearerToken } from './bearer.js';

const read = (header: string): string | undefined => {
  try {
    return readBearerToken(header);
  } catch (error) {
    if (error instanceof BearerError) return error.code ?? 'no credentials';
    throw error;
  }
};

describe('readBearerToken', () => {
  it.each(['Bearer abc', 'bearer abc', 'Bearer  abc', `Bearer${' '.repeat(20)}abc`])(
    'reads %j: one space or more (RFC 9110 11.4)',
    (header) => {
      expect(read(header)).toBe('abc');
    },
  );

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer \tabc', 'Bearer \u00A0abc', 'Bearer ä'])(
    'rejects %j',
    (header) => {
      expect(read(header)).toBe('invalid_token');
    },
  );

  it.each(['Bearer\tabc', 'Bearerabc', 'Basic abc', ' Bearer abc'])('finds no token in %j', (header) => {
    expect(read(header)).toBe('no credentials');
  });
});

describe('bearerChallenge', () => {
  it('stays within a header line that every client reads, whatever is missing (fault B6)', () => {
    const missing = Array.from({ length: 10_000 }, (_, n) => `big:*:operation-${n}`).join(',');
    const challenge = bearerChallenge(forbidden(`the caller lacks ${missing}`));
    expect(challenge.length).toBeLessThan(1000);
    expect(challenge).toMatch(/\.\.\. \(and \d+ more characters\)"$/);
  });
});
