import { describe, expect, it } from 'vitest';
import { prefersToJson } from './accepted-types.js';

const SIGNED = 'application/token-introspection+jwt';

describe('Accept', () => {
  it.each([
    SIGNED,
    'Application/Token-Introspection+JWT',
    `${SIGNED};q=0.9`,
    `${SIGNED}; Q=0.9`,
    `${SIGNED};charset=utf-8`,
    `${SIGNED} ; charset=UTF-8;q=0.5, application/json;q=0.4`,
    `*/*;q=0.8, ${SIGNED}`,
    `application/json;charset=utf-8;q=0.2, ${SIGNED};q=0.3`,
    `text/html, ${SIGNED}`,
  ])('prefers a signed response: %s (RFC 9110 12.5.1)', (accept) => {
    expect(prefersToJson(accept, SIGNED)).toBe(true);
  });

  it.each([
    '',
    '*/*',
    'application/json',
    'application/*',
    `${SIGNED};q=0`,
    `application/json, ${SIGNED};q=0.5`,
    `Application/JSON;charset=utf-8, ${SIGNED};q=0.9`,
    `application/json;x="${SIGNED}"`,
    `${SIGNED}x`,
    `${SIGNED};q=x`,
  ])('does not prefer a signed response: %s', (accept) => {
    expect(prefersToJson(accept, SIGNED)).toBe(false);
  });
});
