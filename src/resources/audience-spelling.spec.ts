import { describe, expect, it } from 'vitest';
import { normalizedAudience, spellingsOf } from './audience-spelling.js';

describe('normalizedAudience', () => {
  it.each([
    ['HTTPS://Api.Example/Books', 'https://api.example/Books'],
    ['https://api.example:443/x', 'https://api.example/x'],
    ['http://api.example:80', 'http://api.example/'],
    ['https://api.example', 'https://api.example/'],
    ['https://api.example?Q=1', 'https://api.example/?Q=1'],
    ['http://[::1]:80/x', 'http://[::1]/x'],
    ['http://[FE80::A]', 'http://[fe80::a]/'],
    ['https://User:Pw@API.example', 'https://User:Pw@api.example/'],
    ['URN:library', 'urn:library'],
    ['MCP://Server', 'mcp://server/'],
  ])('writes %s as %s (RFC 3986 6.2.2.1, 6.2.3)', (audience, normalized) => {
    expect(normalizedAudience(audience)).toBe(normalized);
    expect(normalizedAudience(normalized)).toBe(normalized);
  });

  it.each([
    'https://api.example/',
    'https://api.example/x/',
    'https://api.example/a/../b//%7euser/%2F?Q=%41#F',
    'https://api.example:8443/',
    'https://api.example:80/',
    'http://api.example:443/',
    'https://api.example:/',
    'https://api.example:0443/',
    'urn:Library:A',
    'api-client',
    '/just/A/path',
    '1https://API.example',
    '',
  ])('leaves %s unchanged', (audience) => {
    expect(normalizedAudience(audience)).toBe(audience);
  });
});

describe('spellingsOf', () => {
  it.each([
    [['HTTPS://Api.Example:443', 'https://api.example', 'https://API.example/'], 'api.example'],
    [['URN:Library', 'urn:Library'], 'library'],
    [['http://[::1]:80/x', 'http://[::1]/x'], '[::1]'],
    [['Payroll'], 'payroll'],
    [['file:///A', 'FILE:///A'], '/a'],
  ])('finds %j by %s (RFC 3986 6.2)', (spellings, part) => {
    for (const one of spellings) {
      expect(spellingsOf(one).part).toBe(part);
      for (const other of spellings) {
        expect(spellingsOf(one).has(other)).toBe(true);
        expect(other.toLowerCase()).toContain(part);
      }
    }
  });

  it('excludes other audiences', () => {
    expect(spellingsOf('https://api.example/').has('https://api.example/a')).toBe(false);
    expect(spellingsOf('payroll').has('Payroll')).toBe(false);
  });
});
