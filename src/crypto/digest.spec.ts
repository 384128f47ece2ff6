import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sameDigest, tokenDigest } from './digest.js';

describe('Digests', () => {
  it('compare as equal or different, whatever their length (S03, ASVS 11.2.4)', () => {
    const digest = tokenDigest('a token');
    expect(sameDigest(digest, tokenDigest('a token'))).toBe(true);
    for (const other of [tokenDigest('another'), '', digest.slice(1), `${digest}A`, digest.toLowerCase()])
      expect(sameDigest(digest, other)).toBe(false);
  });

  it.each(['./secret-hasher.ts', '../tokens/token-finder.ts', './digest.ts'])(
    'are compared in constant time only, in %s (S03, ASVS 11.2.4)',
    (file) => {
      const source = readFileSync(new URL(file, import.meta.url), 'utf8');
      expect(source).toMatch(/\b(sameDigest|timingSafeEqual)\(/);
      expect(source).not.toMatch(/[dD]igest\b[^\n]*[!=]==|[!=]== *\w*[dD]igest/);
    },
  );
});
