import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { representationFor } from './representation.js';

describe('The representation of an answer', () => {
  it.each([
    [undefined, 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['image/png', 'application/json; charset=utf-8'],
    ['text/*', 'application/json; charset=utf-8'],
    ['nonsense', 'application/json; charset=utf-8'],
    ['text/yaml', 'text/yaml; charset=utf-8'],
    ['Application/YAML', 'application/yaml'],
    ['application/x-yaml', 'application/yaml'],
    ['application/json;q=0.4, text/yaml;q=0.5', 'text/yaml; charset=utf-8'],
    ['text/yaml;q=0.4, application/json;q=0.5', 'application/json; charset=utf-8'],
    ['text/html, application/yaml;q=0.9, */*;q=0.1', 'application/yaml'],
    ['text/yaml;q=0', 'application/json; charset=utf-8'],
  ])('for %s is %s', (accept, type) => expect(representationFor(accept).contentType).toBe(type));

  it.each(['1.2', '1.1'] as const)('is equal when read as YAML %s', (version) => {
    const document = {
      words: [
        'no',
        'yes',
        'on',
        'null',
        '~',
        '2019',
        '0x1F',
        '012',
        '1:30',
        '2026-01-01',
        '<<',
        '',
        ' a ',
        'a: b',
        '*',
        '# x',
        '-',
      ],
      other: [true, null, 5, 'ä☃😀', 'two\nlines'],
      '2020': { y: 'n' },
    };
    expect(parse(representationFor('text/yaml').write(document), { version })).toEqual(document);
  });

  it('is the same YAML in steps (fault B6)', () => {
    const items = Array.from({ length: 250 }, (_, n) => ({ n, 'a: b': ['x', n % 7 === 0 ? 'no' : 'y'] }));
    const document = {
      id: 'x',
      left: undefined,
      none: [],
      rules: items,
      '2020': items.map(({ n }) => n),
      end: {},
    };
    const { write, writeInSteps } = representationFor('text/yaml');
    for (const one of [document, {}]) {
      const steps = writeInSteps?.(one);
      let step = steps?.next();
      while (step && !step.done) step = steps?.next();
      expect(step?.value).toBe(write(one));
    }
  });
});
