import fc from 'fast-check';

/** Words that have been trouble somewhere. */
const WORDS = [
  '',
  ' ',
  '*',
  '*:*:*',
  'book:1:read',
  'book::read',
  'read',
  'root',
  'Client:*:read',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  "' OR 1=1 --",
  '{{7*7}}',
  '%00',
  '%zz',
  '\u0000',
  'a\r\nSet-Cookie: x=1',
  '\ud800',
  '\u{1F600}',
  '\u202e',
  'e\u0301',
  'x'.repeat(257),
  'x'.repeat(4096),
  'a '.repeat(2100),
  '1e999',
  '-1',
  '9007199254740993',
  'lka_AAAA',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.eyJqdGkiOiJ4In0.',
];

export const oddText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
);

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: oddText },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, [], {}, [[]], {
      x: 1,
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom(nested(20), nested(200), Array(3000).fill('x')) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** A whole value with one of its places taken by another value, left out, or a new member beside it. */
export function changed(value: unknown, g: fc.GeneratorValue): unknown {
  if (Array.isArray(value) && value.length > 0 && g(fc.boolean)) {
    const at = g(fc.nat, value.length - 1);
    return value.map((one, index) => (index === at ? changed(one, g) : one));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return g(() => oddValue);
  const members = Object.entries(value);
  const kind = g(fc.nat, 9);
  if (kind === 0 || members.length === 0) return { ...value, [g(() => oddText)]: g(() => oddValue) };
  const at = g(fc.nat, members.length - 1);
  if (kind === 1) return Object.fromEntries(members.filter((_, index) => index !== at));
  return Object.fromEntries(
    members.map(([name, one], index) => [name, index === at ? changed(one, g) : one]),
  );
}

/** Bytes with a few of them flipped, put in, left out, repeated, or cut. */
export function damaged(bytes: Buffer, g: fc.GeneratorValue): Buffer {
  let damagedBytes = bytes;
  for (let left = g(fc.integer, { min: 1, max: 4 }); left > 0; left--) {
    const at = g(fc.nat, Math.max(0, damagedBytes.length - 1));
    const [before, after] = [damagedBytes.subarray(0, at), damagedBytes.subarray(at)];
    const byte = Buffer.from([g(fc.nat, 255)]);
    damagedBytes = [
      () => Buffer.concat([before, byte, after.subarray(1)]),
      () => Buffer.concat([before, byte, after]),
      () => Buffer.concat([before, after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(0, 20), after]),
      () => before,
    ][g(fc.nat, 4)]!();
  }
  return damagedBytes;
}
