import { describe, expect, it } from 'vitest';
import {
  isForeignRequest,
  isFromBrowser,
  isFromForeignOrigin,
  isFromForeignPage,
} from './browser-request.js';

const OWN = 'https://id.example';

describe('isForeignRequest', () => {
  it.each([
    [{}],
    [{ origin: OWN }],
    [{ origin: OWN, 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-mode': 'cors' }],
  ])('accepts a change with %j (fault A10)', (headers) => {
    expect(isForeignRequest('POST', headers, OWN)).toBe(false);
  });

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: '' }],
    [{ origin: `${OWN}.evil.example` }],
    [{ origin: 'http://id.example' }],
    [{ origin: `${OWN}:8443` }],
    [{ origin: `${OWN}, ${OWN}` }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'anything' }],
    [{ origin: OWN, 'sec-fetch-site': 'cross-site' }],
  ])('recognises a change with %j (fault A10)', (headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY']) {
      expect(isForeignRequest(method, headers, OWN), method).toBe(true);
    }
  });

  const CROSS = { 'sec-fetch-site': 'cross-site' };

  it.each([
    [CROSS],
    [{ ...CROSS, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
    [{ ...CROSS, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    [{ origin: 'https://evil.example', upgrade: 'websocket' }],
  ])('recognises a read with %j (fault A10)', (headers) => {
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      expect(isForeignRequest(method, headers, OWN), method).toBe(true);
  });

  it.each([
    [{}],
    [{ origin: 'https://evil.example' }],
    [{ upgrade: 'h2c' }],
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }],
    [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    [{ ...CROSS, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
  ])('accepts a read with %j (fault A10)', (headers) => {
    for (const method of ['GET', 'HEAD']) expect(isForeignRequest(method, headers, OWN), method).toBe(false);
  });
});

describe('isFromBrowser', () => {
  it.each([
    [{ 'sec-fetch-mode': 'navigate' }],
    [{ 'sec-fetch-dest': 'document' }],
    [{ 'sec-fetch-dest': 'iframe' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ origin: 'https://evil.example' }],
    [{ accept: 'Text/HTML,application/xhtml+xml,*/*;q=0.8' }],
  ])('recognises %j (fault A10)', (headers) => expect(isFromBrowser(headers)).toBe(true));

  it.each([[{}], [{ 'sec-fetch-mode': 'cors', accept: '*/*' }], [{ accept: 'text/yaml' }]])(
    'takes %j for a program (fault A10)',
    (headers) => expect(isFromBrowser(headers)).toBe(false),
  );
});

describe('isFromForeignPage', () => {
  it.each([
    [{}, false],
    [{ origin: 'https://portal.example' }, false],
    [{ 'sec-fetch-mode': 'cors' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ 'sec-fetch-site': 'same-origin' }, false],
    [{ 'sec-fetch-site': 'same-site' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, true],
    [{ 'sec-fetch-site': 'same-origin, cross-site' }, true],
  ])('answers %j with %s (fault A10)', (headers, isForeign) => {
    expect(isFromForeignPage(headers)).toBe(isForeign);
  });
});

describe('isFromForeignOrigin', () => {
  const EVIL = { origin: 'http://evil.example', host: '10.0.0.5:8080' };

  it.each([
    [{ ...EVIL, 'accept-language': 'en' }, true],
    [{ ...EVIL, origin: 'null', 'accept-language': '' }, true],
    [{ ...EVIL, origin: 'http://10.0.0.5', 'accept-language': 'en' }, true],
    [EVIL, false],
    [{ ...EVIL, 'accept-language': '*', 'sec-fetch-mode': 'cors' }, false],
    [{ ...EVIL, origin: OWN, 'accept-language': 'en' }, false],
    [{ ...EVIL, origin: 'http://10.0.0.5:8080', 'accept-language': 'en' }, false],
    [{ host: EVIL.host, 'accept-language': 'en' }, false],
  ])('answers %j with %s (fault A10)', (headers, isForeign) => {
    expect(isFromForeignOrigin(headers, OWN)).toBe(isForeign);
  });
});
