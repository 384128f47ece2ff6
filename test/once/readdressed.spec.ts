import { describe, expect, it } from 'vitest';
import { readdressed } from '../support/gateway.js';

describe('An example with the addresses of a test', () => {
  it('keeps each substituted address, even if it begins like one in the example', () => {
    const example = 'ask 127.0.0.1:8080, then pass on to 127.0.0.1:3000';
    const replacements = { '127.0.0.1:8080': '127.0.0.1:30005', '127.0.0.1:3000': '127.0.0.1:41234' };
    expect(readdressed(example, replacements)).toBe('ask 127.0.0.1:30005, then pass on to 127.0.0.1:41234');
  });
});
