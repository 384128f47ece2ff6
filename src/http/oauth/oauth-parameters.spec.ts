import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../../protocol/oauth-error.js';
import { readParameters } from './oauth-parameters.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

const read = (type: string | undefined, body: string | Uint8Array) =>
  readParameters(type, Buffer.from(body as string));

function refusal(type: string | undefined, body: string | Uint8Array): string | undefined {
  try {
    read(type, body);
    return undefined;
  } catch (error) {
    return error instanceof OAuthError
      ? `${error.status} ${error.code}: ${error.description}`
      : String(error);
  }
}

describe('readParameters', () => {
  it.each([
    [FORM, 'grant_type=client_credentials&scope=a+b%3Ac'],
    ['application/x-www-form-urlencoded; charset=UTF-8', 'grant_type=client_credentials&scope=a%20b:c'],
    ['Application/X-WWW-Form-Urlencoded;charset="utf-8"', 'scope=a+b:c&grant_type=client_credentials'],
    [JSON_TYPE, '{"grant_type":"client_credentials","scope":"a b:c"}'],
    ['application/json; charset=utf8', ' {"scope":"a b:c","grant_type":"client_credentials"} '],
  ])('reads %s', (type, body) => {
    expect(read(type, body)).toEqual({ grant_type: 'client_credentials', scope: 'a b:c', resource: [] });
  });

  it.each([
    [FORM, 'scope=&client_secret=&resource=&grant_type=a'],
    [JSON_TYPE, '{"scope":"","client_secret":"","resource":"","grant_type":"a"}'],
  ])('counts an empty parameter as not sent, in %s (RFC 6749 3.2)', (type, body) => {
    expect(read(type, body)).toEqual({ grant_type: 'a', resource: [] });
  });

  it.each([
    [FORM, 'grant_type=a&foo=1&foo=2&foo[]=3'],
    [JSON_TYPE, '{"grant_type":"a","foo":{"scope":["x"],"client_secret":1},"foo":null}'],
  ])('ignores unknown parameters, in %s (RFC 6749 3.2)', (type, body) => {
    expect(read(type, body)).toEqual({ grant_type: 'a', resource: [] });
  });

  const NAMES = [
    'grant_type',
    'scope',
    'audience',
    'refresh_token',
    'client_id',
    'client_secret',
    'client_assertion',
  ];

  it.each(NAMES)('rejects a repeated %s, in a form and in JSON (RFC 6749 3.2)', (name) => {
    const expected = `400 invalid_request: ${name} occurs more than once`;
    expect(refusal(FORM, `${name}=a&${name}=a`)).toBe(expected);
    expect(refusal(JSON_TYPE, `{"${name}":"a","${name}":"a"}`)).toBe(expected);
    const escaped = `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;
    expect(refusal(JSON_TYPE, `{"${name}":"a","${escaped}":"b"}`)).toBe(expected);
  });

  it.each(NAMES)('rejects %s with brackets in its name', (name) => {
    const expected = '400 invalid_request: parameter names must not contain brackets';
    for (const spelt of [`${name}[]`, `${name}[x]`, `${name}[0][y]`, `${name}%5B%5D`]) {
      expect(refusal(FORM, `grant_type=a&${spelt}=1`)).toBe(expected);
    }
  });

  it.each(['{"x":1}', '["a"]', '123', 'null', 'true', 'false', '0'])(
    'rejects %s where JSON must contain a string',
    (value) => {
      expect(refusal(JSON_TYPE, `{"client_secret":${value}}`)).toBe(
        '400 invalid_request: client_secret must be a string',
      );
    },
  );

  it('accepts resource more than once, as a list in JSON (RFC 8707 2)', () => {
    expect(read(FORM, 'resource=urn:a&resource=urn:b').resource).toEqual(['urn:a', 'urn:b']);
    expect(read(JSON_TYPE, '{"resource":["urn:a","urn:b"]}').resource).toEqual(['urn:a', 'urn:b']);
    expect(read(JSON_TYPE, '{"resource":"urn:a"}').resource).toEqual(['urn:a']);
    expect(refusal(JSON_TYPE, '{"resource":["urn:a",1]}')).toBe(
      '400 invalid_request: resource must be a string or a list of strings',
    );
    expect(refusal(JSON_TYPE, '{"resource":"urn:a","resource":"urn:b"}')).toBe(
      '400 invalid_request: resource occurs more than once',
    );
  });

  it.each([
    '',
    '{"grant_type":',
    '[]',
    '"text"',
    '1',
    'null',
    'true',
    '{"a":1}}',
    "{'a':1}",
    '{"a":1,}',
    '// x\n{}',
  ])('rejects the JSON body %j', (body) => {
    expect(refusal(JSON_TYPE, body)).toMatch(
      /^400 invalid_request: the body (is not JSON|must be a JSON object)$/,
    );
  });

  it.each([
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/json-patch+json',
    'nonsense',
    '',
  ])('rejects the media type %j with 415', (type) => {
    expect(refusal(type, 'grant_type=a')).toMatch(/^415 invalid_request: /);
  });

  it.each(['iso-8859-1', 'windows-1252', 'US-ASCII'])(
    'decides by the bytes where the label is %s (fault C7)',
    (charset) => {
      expect(read(`${FORM}; charset=${charset}`, 'grant_type=a').grant_type).toBe('a');
      expect(read(`${JSON_TYPE}; charset=${charset}`, '{"grant_type":"a"}').grant_type).toBe('a');
      for (const body of ['scope=\u00e9', Uint8Array.from([0x61, 0x3d, 0xe9])]) {
        expect(refusal(`${FORM}; charset=${charset}`, body)).toBe(
          '400 invalid_request: the body must be UTF-8, whatever its charset parameter says',
        );
      }
    },
  );

  it.each(['utf-16', 'utf-16le', 'utf-32', 'ebcdic-us', 'x'])(
    'rejects the label %s, under which bytes would mean other characters, with 415 (fault C7)',
    (charset) => {
      for (const [type, body] of [
        [FORM, 'grant_type=a'],
        [JSON_TYPE, '{"grant_type":"a"}'],
      ]) {
        expect(refusal(`${type}; charset=${charset}`, body ?? '')).toMatch(
          /^415 invalid_request: the charset of the body must be UTF-8/,
        );
      }
    },
  );

  it.each([
    ['scope=caf%E9', 'scope'],
    ['grant_type=a&client_secret=%C3%28', 'client_secret'],
    ['scope=%ED%A0%80', 'scope'],
    ['scope=%zz', 'scope'],
    ['scope=%', 'scope'],
    ['resource=urn:a&resource=%FF', 'resource'],
    ['grant_type=a&x=1&y=%E9', 'parameter 3'],
    ['%E9=x', 'parameter 1'],
    ['token=abc&scope=a&%C3=x', 'parameter 3'],
    ['token=abc&client_id=%E9', 'client_id'],
  ])(
    'rejects the form %s and names %s, instead of inserting a replacement character (fault C7)',
    (body, which) => {
      expect(refusal(FORM, body)).toBe(`400 invalid_request: ${which} is not percent-encoded UTF-8`);
    },
  );

  it('reads what follows a byte order mark, in a form and in JSON (fault C7)', () => {
    expect(read(FORM, '\uFEFFgrant_type=a').grant_type).toBe('a');
    expect(read(JSON_TYPE, '\uFEFF{"grant_type":"a"}').grant_type).toBe('a');
  });

  it('never reads a replacement character that was not sent (fault C7)', () => {
    const part = fc.string({ unit: fc.constantFrom(...'aZ%EeC39()+=&'), maxLength: 24 });
    fc.assert(
      fc.property(part, (text) => {
        try {
          expect(JSON.stringify(read(FORM, text))).not.toContain('\uFFFD');
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError);
        }
      }),
    );
  });

  it('parses a repeated form once, and caches none that may contain a credential', () => {
    const again = (body: string) => {
      const first = read(FORM, body);
      return read(FORM, body) === first;
    };
    expect(again('grant_type=client_credentials&scope=a+b&audience=urn:a&resource=urn:a')).toBe(true);
    for (const name of ['client_secret', 'client_assertion', 'token', 'refresh_token', 'password']) {
      expect(again(`grant_type=client_credentials&${name}=x`)).toBe(false);
    }
    expect(again(`scope=${'a'.repeat(600)}`)).toBe(false);
  });

  it('parses a form the second time like the first, and rejects it again', () => {
    const parts = fc.constantFrom('scope=a', 'scope=', 'audience=b', 'resource=c', 'foo=d', 'grant_type[]=e');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 4 }), (some) => {
        const outcome = () => refusal(FORM, some.join('&')) ?? read(FORM, some.join('&'));
        expect(outcome()).toEqual(outcome());
      }),
    );
  });

  it('rejects a body without a media type, and reads no body as an empty form', () => {
    expect(refusal(undefined, 'grant_type=a')).toMatch(/^415 /);
    expect(readParameters(undefined, undefined)).toEqual({ resource: [] });
  });

  it('rejects bytes that are not UTF-8', () => {
    expect(refusal(FORM, Uint8Array.from([0x61, 0x3d, 0xff]))).toBe(
      '400 invalid_request: the body is not UTF-8',
    );
  });

  it('accepts 64 KiB and rejects one byte more with 413', () => {
    const filled = (length: number) => `grant_type=a&x=${'y'.repeat(length - 15)}`;
    expect(read(FORM, filled(64 * 1024)).grant_type).toBe('a');
    expect(refusal(FORM, filled(64 * 1024 + 1))).toBe('413 invalid_request: the body is larger than 64 KiB');
  });

  it('accepts an unknown member nested 31 deep, and rejects a deeper one (fault B1)', () => {
    const nested = (depth: number) => `{"grant_type":"a","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(read(JSON_TYPE, nested(31)).grant_type).toBe('a');
    for (const depth of [32, 1000, 30_000]) {
      expect(refusal(JSON_TYPE, nested(depth))).toBe(
        '400 invalid_request: the body is nested deeper than 32',
      );
    }
  });

  it('ignores names inherited by every object', () => {
    expect(read(JSON_TYPE, '{"__proto__":{"scope":"x"},"constructor":1,"grant_type":"a"}')).toEqual({
      grant_type: 'a',
      resource: [],
    });
    expect(read(FORM, '__proto__=x&toString=y&grant_type=a')).toEqual({ grant_type: 'a', resource: [] });
  });

  it('reads a token alike anywhere in a form', () => {
    const character = fc.constantFrom(...'aZ9._~-%2&=+ \n\u00e9');
    const text = fc.string({ unit: character, maxLength: 12 });
    fc.assert(
      fc.property(text, text, (token, others) => {
        const outcome = (body: string) =>
          refusal(FORM, body)?.replace(/parameter \d+/, 'parameter') ?? read(FORM, body);
        expect(outcome(`token=${token}&${others}`)).toEqual(outcome(`&token=${token}&${others}`));
      }),
    );
    expect(refusal(FORM, 'token=a&to%6Ben=b')).toBe('400 invalid_request: token occurs more than once');
    expect(refusal(FORM, 'token=a&token=')).toBe('400 invalid_request: token occurs more than once');
  });

  it('reads a form and JSON with the same parameters alike, and returns only parameters or an OAuth error', () => {
    const name = fc.constantFrom('grant_type', 'scope', 'audience', 'client_id', 'foo', 'constructor');
    const value = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(name, value), (fields) => {
        const form = read(FORM, new URLSearchParams(fields).toString());
        expect(read(JSON_TYPE, JSON.stringify(fields))).toEqual(form);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(FORM, JSON_TYPE), fc.uint8Array({ maxLength: 60 }), (type, body) => {
        expect(refusal(type, body) ?? '400 ').toMatch(/^4(00|15) /);
      }),
    );
  });
});
