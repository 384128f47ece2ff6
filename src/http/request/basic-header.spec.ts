import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBasicHeader, readFormBasicHeader, withBasicScheme } from './basic-header.js';

const base64 = (value: string | Uint8Array) => Buffer.from(value as string).toString('base64');
const basic = (userPass: string | Uint8Array) => `Basic ${base64(userPass)}`;
const formEncode = (text: string) => new URLSearchParams({ t: text }).toString().slice(2);

describe('readBasicHeader', () => {
  it.each([
    [basic('id:secret'), 'id', 'secret'],
    [basic('id:se:cr:et'), 'id', 'se:cr:et'],
    [basic('id:p%25%3A%2B+%C3%A9%26%2F%3D'), 'id', 'p%25%3A%2B+%C3%A9%26%2F%3D'],
    [basic('a%3Ab:secret'), 'a%3Ab', 'secret'],
    [basic('id:100%'), 'id', '100%'],
    [basic('id:a+b/c=='), 'id', 'a+b/c=='],
    [basic('id:a b c'), 'id', 'a b c'],
    [basic('id:é'), 'id', 'é'],
    [`basic ${base64('id:secret')}`, 'id', 'secret'],
    [`BASIC ${base64('id:secret')}`, 'id', 'secret'],
    [`Basic  ${base64('id:secret')}`, 'id', 'secret'],
    [`Basic${' '.repeat(20)}${base64('id:secret')}`, 'id', 'secret'],
    [`Basic ${base64('id:secrets').replace(/=+$/, '')}`, 'id', 'secrets'],
  ])('reads %s as it is (RFC 7617 2) (fault C5)', (header, clientId, clientSecret) => {
    expect(readBasicHeader(header)).toEqual({ clientId, clientSecret });
  });

  it.each([
    ['no credentials', 'Basic'],
    ['nothing after the scheme', 'Basic '],
    ['another scheme', `Bearer ${base64('id:secret')}`],
    ['a scheme that only holds the word', `xBasic ${base64('id:secret')}`],
    ['no scheme', base64('id:secret')],
    ['a tab', `Basic\t${base64('id:secret')}`],
    ['a tab and a space', `Basic \t ${base64('id:secret')}`],
    ['a space that is none of ASCII', `Basic\u00A0${base64('id:secret')}`],
    ['something behind', `Basic ${base64('id:secret')} x`],
    ['characters outside Base64', 'Basic !!!!'],
    ['URL-safe Base64', 'Basic aWQ6w7_Dvw=='],
    ['Base64 with bits left over', 'Basic aWQ6c2VjcmV0cx=='],
    ['no colon', basic('idsecret')],
    ['an empty id', basic(':secret')],
    ['an empty secret', basic('id:')],
    ['NUL', basic('id:sec\0ret')],
    ['a line feed', basic('id:sec\nret')],
    ['DEL', basic('id:sec\u007Fret')],
    ['invalid UTF-8', basic(Uint8Array.from([0x69, 0x64, 0x3a, 0xff, 0xfe]))],
  ])('returns undefined for %s', (_fault, header) => {
    expect(readBasicHeader(header)).toBeUndefined();
    expect(readFormBasicHeader(header)).toBeUndefined();
  });
});

describe('readFormBasicHeader', () => {
  it.each([
    ['id:secret', { clientId: 'id', clientSecret: 'secret' }],
    ['id:a b', { clientId: 'id', clientSecret: 'a b' }],
    ['id:a+b', { clientId: 'id', clientSecret: 'a b', secretAsSent: 'a+b' }],
    ['id:a%2Bb', { clientId: 'id', clientSecret: 'a+b', secretAsSent: 'a%2Bb' }],
    ['id:100%', { clientId: 'id', clientSecret: '100%' }],
    ['id:a%zz', { clientId: 'id', clientSecret: 'a%zz' }],
    ['id:%ff', { clientId: 'id', clientSecret: '%ff' }],
    ['a%3Ab:secret', { clientId: 'a:b', clientSecret: 'secret' }],
    // Only a form-encoding client sends such an id: no id has a character that needs encoding.
    ['%69d:a+b', { clientId: 'id', clientSecret: 'a b' }],
    ['%zz:a+b', { clientId: '%zz', clientSecret: 'a+b' }],
  ])('reads %s (RFC 6749 2.3.1) (fault C5)', (userPass, expected) => {
    expect(readFormBasicHeader(basic(userPass))).toEqual(expected);
  });

  it('reads an unencoded secret in one of its readings (fault C5)', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
    const secret = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(id, secret, (clientId, sent) => {
        const read = readFormBasicHeader(basic(`${clientId}:${sent}`));
        expect(read?.clientId).toBe(clientId);
        expect([read?.clientSecret, read?.secretAsSent]).toContain(sent);
      }),
    );
  });

  it('reads back any id and secret that were form-encoded before Base64 (RFC 6749 2.3.1)', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, text, (clientId, clientSecret) => {
        const header = basic(`${formEncode(clientId)}:${formEncode(clientSecret)}`);
        expect(readFormBasicHeader(header)).toMatchObject({ clientId, clientSecret });
      }),
    );
  });

  it('reads what a client wrote by form-encoding both parts', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, text, (clientId, clientSecret) => {
        const header = basic(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
        expect(readFormBasicHeader(header)).toMatchObject({ clientId, clientSecret });
      }),
    );
  });

  it('never throws, whatever the header contains', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 40 }), (text, bytes) => {
        for (const header of [text, `Basic ${text}`, basic(bytes)]) readFormBasicHeader(header);
      }),
    );
  });
});

describe('withBasicScheme', () => {
  it('adds the scheme to the value that the early Aidbox page prints', () => {
    const printed = base64('cc-client:verysecretsecret');
    expect(withBasicScheme(printed)).toBe(`Basic ${printed}`);
  });

  it.each([basic('id:secret'), base64('idsecret'), 'id:secret', '', 'Bearer'])(
    'leaves %j as it is',
    (header) => {
      expect(withBasicScheme(header)).toBeUndefined();
    },
  );
});
