import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonTemplate, NUMBER, TEXT, VALUE } from './json-template.js';

const shared = fc.jsonValue();
const plainText = fc.stringMatching(/^[A-Za-z0-9._~-]*$/);

describe('JsonTemplate', () => {
  it('writes what serializing the filled document writes', () => {
    fc.assert(
      fc.property(shared, plainText, fc.integer(), shared, shared, (before, text, number, value, after) => {
        const template = new JsonTemplate({
          before,
          text: TEXT,
          between: 'x',
          number: NUMBER,
          value: VALUE,
          after,
        });
        const whole = JSON.stringify({ before, text, between: 'x', number, value, after });
        expect(template.fill(text, number, JSON.stringify(value))).toBe(whole);
        expect(template.start + template.end([text, number, JSON.stringify(value)])).toBe(whole);
      }),
    );
  });

  it('writes a document without open places', () => {
    expect(new JsonTemplate({ a: 1 }).fill()).toBe('{"a":1}');
  });
});
