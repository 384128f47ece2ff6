import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { conformance, DOCUMENT } from '../../scripts/conformance.mjs';

describe('docs/conformance.md', { timeout: 60_000 }, () => {
  const { document, faults } = conformance();

  it('has a test or a reason for every row and advisory, and every title has its clause', () => {
    expect(faults).toEqual([]);
  });

  it('is up to date with npm run conformance', () => {
    expect(readFileSync(DOCUMENT, 'utf8') === document, 'npm run conformance').toBe(true);
  });
});
