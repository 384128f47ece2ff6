import { describe, expect, it } from 'vitest';
import { readdressed } from '../support/gateway.js';

describe('An example with the addresses of a test', () => {
  it('has each address that was put in as it is, though it begins like one that the example names', () => {
    const example = 'ask 127.0.0.1:8080, then pass on to 127.0.0.1:3000';
    const replacements = { '127.0.0.1:8080': '127.0.0.1:30005', '127.0.0.1:3000': '127.0.0.1:41234' };
    expect(readdressed(example, replacements)).toBe('ask 127.0.0.1:30005, then pass on to 127.0.0.1:41234');
  });
});
