import { describe, expect, it } from 'vitest';
import { bearerTokenOf, type HttpRequest } from './bearer-token.js';
import type { Refusal } from './refusal.js';

function read(request: Partial<HttpRequest>): string | undefined {
  try {
    return bearerTokenOf({ headers: {}, ...request });
  } catch (error) {
    return `${(error as Refusal).status} ${(error as Refusal).code}`;
  }
}

const withHeader = (authorization: string) => read({ headers: { authorization } });
const FORM = 'application/x-www-form-urlencoded';

describe('The token of a request', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    ['Bearer a.b-c_d~e+f/g==', 'a.b-c_d~e+f/g=='],
  ])('is read from %j (RFC 6750 2.1)', (header, token) => {
    expect(withHeader(header)).toBe(token);
  });

  it.each(['', 'Basic cm9vdDpzZWNyZXQ=', 'Bearer', 'Bearer ', 'Bearerabc', 'Digest Bearer abc', 'abc'])(
    'did not come with %j',
    (header) => {
      expect(withHeader(header)).toBeUndefined();
    },
  );

  it.each(['Bearer a b', 'Bearer a"b', 'Bearer ä', 'Bearer =', 'Bearer a=b', 'Bearer Bearer abc'])(
    'is malformed in %j',
    (header) => {
      expect(withHeader(header)).toBe('401 invalid_token');
    },
  );

  it('is never read from anywhere else', () => {
    const body = { access_token: 'abc' };
    expect(read({ url: '/books?access_token=abc' })).toBeUndefined();
    expect(read({ headers: { 'content-type': FORM }, body })).toBeUndefined();
    expect(read({ headers: { cookie: 'access_token=abc' } })).toBeUndefined();
  });
});

describe('Two tokens', () => {
  const authorization = 'Bearer abc';

  it.each([
    ['in two headers', { rawHeaders: ['Authorization', 'Bearer abc', 'authorization', 'Bearer abc'] }],
    [
      'in two headers, one of another scheme',
      { rawHeaders: ['Authorization', 'Basic x', 'AUTHORIZATION', 'Bearer a'] },
    ],
    [
      "in two headers of a framework's request",
      { raw: { rawHeaders: ['authorization', 'Bearer a', 'authorization', 'Bearer b'] } },
    ],
    ['in the query', { url: '/books?page=1&access_token=def' }],
    ['in the query, written with escapes', { url: '/books?access%5Ftoken=' }],
    [
      'in a form',
      { headers: { authorization, 'content-type': `${FORM}; charset=utf-8` }, body: { access_token: '' } },
    ],
    ['joined by a proxy', { headers: { authorization: 'Bearer abc, Bearer abc' } }],
    ['in a list', { headers: { authorization: ['Bearer abc', 'Bearer def'] } }],
  ] as [string, Partial<HttpRequest>][])('%s are refused (RFC 6750 2)', (_, request) => {
    expect(read({ headers: { authorization }, ...request })).toBe('400 invalid_request');
  });

  it('are not what only looks like them', () => {
    expect(read({ headers: { authorization }, url: '/books/access_token=1?token=x' })).toBe('abc');
    expect(
      read({
        headers: { authorization },
        rawHeaders: ['Host', 'authorization', 'Authorization', 'Bearer abc'],
      }),
    ).toBe('abc');
    const json = { authorization, 'content-type': 'application/json' };
    expect(read({ headers: json, body: { access_token: 'a member of its own' } })).toBe('abc');
  });
});
