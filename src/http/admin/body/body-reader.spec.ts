import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../protocol/problem.js';
import { readBody, readOptionalBody } from './body-reader.js';

const read = (body: string | Buffer, type: string | undefined = 'application/json', method = 'PUT') =>
  readBody({ method, headers: { 'content-type': type }, body: Buffer.from(body) });

function refusal(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('The body of a write', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;charset="UTF-8"'])(
    'is read as %s',
    (type) => expect(read('{"a":[1,"x",null]}', type)).toEqual({ a: [1, 'x', null] }),
  );

  it.each(['text/yaml', 'application/yaml', 'application/x-yaml; charset=utf-8'])('is read as %s', (type) =>
    expect(read('a: [1, x, null]\nb: "2019"\n2020: no\n', type)).toEqual({
      a: [1, 'x', null],
      b: '2019',
      2020: 'no',
    }),
  );

  it('may begin with a byte order mark', () => expect(read('\uFEFF{"a":1}')).toEqual({ a: 1 }));

  it('is accepted as a merge patch for PATCH only', () => {
    const type = 'application/merge-patch+json';
    expect(read('{"a":null}', type, 'PATCH')).toEqual({ a: null });
    expect(refusal(() => read('{}', type)).status).toBe(415);
  });

  it.each(['text/plain', 'nonsense', 'application/json-patch+json'])('is rejected with 415 as %s', (type) =>
    expect(refusal(() => read('{}', type)).status).toBe(415),
  );

  it('is rejected with 415 when it is compressed', () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(refusal(() => readBody({ method: 'PUT', headers, body: Buffer.from('{}') })).status).toBe(415);
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"a":'],
    ['a comment', '{"a":1} // b'],
    ['a list', '[]'],
    ['a string', '"a"'],
    ['null', 'null'],
    ['a member given twice', '{"a":{"b":1,"b":1}}'],
    ['a member given twice in other words', '{"ab":1,"\\u0061b":1}'],
    ['__proto__', '{"a":[{"__proto__":{"x":1}}]}'],
    ['constructor', '{"constructor":{"prototype":{}}}'],
    ['prototype', '{"prototype":1}'],
    [
      'many members',
      JSON.stringify({ a: Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [n, n])) }),
    ],
    ['depth', `{"a":${'['.repeat(50)}${']'.repeat(50)}}`],
    ['great depth', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('is rejected with 400 as JSON with %s', (_, body) => expect(refusal(() => read(body)).status).toBe(400));

  it('may have members of one name in different objects', () =>
    expect(read('{"a":{"b":1},"c":[{"b":1},{"b":1}]}')).toEqual({ a: { b: 1 }, c: [{ b: 1 }, { b: 1 }] }));

  it.each([
    ['a tab where spaces belong', 'a:\n\t- b'],
    ['two documents', 'a: 1\n---\nb: 1'],
    ['a member given twice', 'a: 1\na: 2'],
    ['a tag', 'a: !!binary aGVsbG8='],
    ['a foreign tag', 'a: !secret b'],
    ['__proto__', '__proto__: {a: 1}'],
    ['a list for a key', '? [a, b]\n: c'],
    ['a list', '- a'],
    ['an unknown alias', 'a: *b'],
    ['many aliases', `a: &a [x]\nb: [${Array(30).fill('*a').join(', ')}]`],
    ['great depth', '['.repeat(20_000)],
    ['very many members', Array.from({ length: 5_000 }, (_, n) => `k${n}: 1\n`).join('')],
  ])('is rejected with 400 as YAML with %s', (_, body) =>
    expect(refusal(() => read(body, 'text/yaml')).status).toBe(400),
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'is rejected with 415 at an operation as %s, also when it is empty (fault A10)',
    (type) => {
      for (const body of [Buffer.alloc(0), Buffer.from('{}')]) {
        const request = { method: 'POST', headers: { 'content-type': type }, body };
        expect(refusal(() => readOptionalBody(request)).status).toBe(415);
      }
    },
  );

  it('may contain every escape of Unicode in YAML, and the same text where it is no escape (YAML 1.2.2 5.7)', () =>
    expect(
      read(`a: "\\U0010FFFF\\U0001F511"\nb: \\UFFFFFFFF\nc: '\\UFFFFFFFF'\nd: "\\\\UFFFFFFFF"`, 'text/yaml'),
    ).toEqual({ a: '\u{10FFFF}\u{1F511}', b: '\\UFFFFFFFF', c: '\\UFFFFFFFF', d: '\\UFFFFFFFF' }));

  it('may be omitted at an operation (fault A10)', () => {
    expect(readOptionalBody({ method: 'POST', headers: {} })).toEqual({});
    expect(readOptionalBody({ method: 'POST', headers: { 'content-type': 'text/yaml' } })).toEqual({});
  });

  it.each([
    ['a flow that goes wrong', 'a: [,,,', 'line 1, column 5'],
    ['a tab for an indent', 'a:\n\t- b', 'line 2, column 1'],
    ['a member given twice', 'a: 1\nb:\n  c: 1\n  c: 2\n', 'line 4, column 3'],
    ['a tag of its own', 'a: 1\nb: !secret x', 'line 2, column 4'],
    ['an unknown alias', '\n\na: *b', 'line 3, column 5'],
    [
      'an escape just above Unicode',
      'a: 1\nb: "x\\U00110000"',
      'line 2, column 6: an escape is above U+10FFFF',
    ],
    ['an escape far above Unicode', '"\\\\\\UFFFFFFFF": 1', 'line 1, column 4: an escape is above U+10FFFF'],
  ])('reports the place where the YAML has %s (faults B2, E9)', (_, body, place) => {
    const { detail } = refusal(() => read(body, 'text/yaml'));
    expect(detail).toMatch(/^the body is not valid or supported YAML, /);
    expect(detail).toContain(place);
  });

  it('is read alike as JSON and as YAML, which includes JSON (fault B2)', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }), { minKeys: 1 }), (value) => {
        const outcome = (type: string) => {
          try {
            return read(JSON.stringify(value), type);
          } catch (error) {
            return (error as Problem).status;
          }
        };
        expect(outcome('text/yaml')).toEqual(outcome('application/json'));
      }),
    );
  });

  it('is rejected with 413 as YAML above 64 KiB, whatever the limit for JSON (fault B2)', () => {
    const filled = (length: number) => `a: ${'x'.repeat(length - 3)}`;
    expect(read(filled(64 * 1024), 'text/yaml')).toHaveProperty('a');
    const { status, detail } = refusal(() => read(filled(64 * 1024 + 1), 'text/yaml'));
    expect([status, detail]).toEqual([
      413,
      'a YAML body must be at most 65536 bytes; send larger bodies as JSON',
    ]);
    expect(read(JSON.stringify({ a: 'x'.repeat(200_000) }))).toHaveProperty('a');
  });

  it('is rejected with 400 when aliases expand it too far (fault B2)', () => {
    const twice = (name: string, other: string) => `${name}: &${name} [*${other}, *${other}]\n`;
    const body = `a: &a [${'x,'.repeat(20_000)}x]\n${[...'bcdefghij'].map((name, at) => twice(name, 'abcdefghij'[at] as string)).join('')}`;
    expect(refusal(() => read(body, 'text/yaml')).status).toBe(400);
    expect(refusal(() => read('a: &a [*a, *a]', 'text/yaml')).status).toBe(400);
  });

  it('is rejected with 400 when it is not UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(refusal(() => read(body)).status).toBe(400);
  });

  it('is rejected with 415 as YAML where only JSON is accepted (fault B1)', () => {
    const request = { method: 'PATCH', headers: { 'content-type': 'text/yaml' }, body: Buffer.from('a: 1') };
    expect(readBody(request)).toEqual({ a: 1 });
    expect(refusal(() => readBody(request, { jsonOnly: true })).status).toBe(415);
  });

  it('is required', () => expect(refusal(() => readBody({ method: 'PUT', headers: {} })).status).toBe(400));
});
