import { describe, expect, it } from 'vitest';
import { lacksPublicUrl } from './issuer-settings.js';

describe('lacksPublicUrl', () => {
  it.each([
    ['0.0.0.0', undefined, true],
    ['::', '', true],
    ['192.0.2.7', undefined, true],
    ['login.example', undefined, true],
    ['0.0.0.0', 'http://localhost:8080', false],
    ['127.0.0.1', undefined, false],
    ['::1', undefined, false],
    ['localhost', undefined, false],
  ])('for the host %s and the URL %s: %s', (host, url, lacks) => {
    expect(lacksPublicUrl(host, url ?? '')).toBe(lacks);
  });
});
