import { describe, expect, it } from 'vitest';
import { OwnHosts } from './own-hosts.js';

const NAMES = {
  publicUrl: 'https://Id.example:8443',
  rootIssuer: 'https://issuer.example/tenant',
  allowedHosts: ['Login.internal.example'],
};
const hosts = new OwnHosts(NAMES, ['10.0.0.0/8']);

const request = (headers: Record<string, string>, method = 'POST', remoteAddress = '127.0.0.1') =>
  ({ headers, method, socket: { remoteAddress } }) as Parameters<OwnHosts['isForeign']>[0];

const PAGE = { origin: 'http://evil.example' };

describe('OwnHosts', () => {
  it.each([
    ...[
      'id.example',
      'ID.example:1',
      'id.example.',
      'issuer.example',
      'login.internal.example:80',
      'LOGIN.internal.example',
    ],
    ...[
      'localhost',
      'localhost:8080',
      'a.localhost',
      '127.0.0.1:8080',
      '10.1.2.3',
      '[::1]:8080',
      '[fe80::1]',
      '',
    ],
    ...[
      'latchkey:8080',
      'upstream_1',
      'latchkey.prod.svc',
      'latchkey.prod.svc.cluster.local:80',
      'ip-10-0-0-1.ec2.internal',
    ],
  ])('serves a page under the host %j (fault A10)', (host) =>
    expect(hosts.isForeign(request({ ...PAGE, host }))).toBe(false),
  );

  it.each([
    ...[
      'evil.example',
      'evil.example:8080',
      'id.example.evil.example',
      'x.id.example',
      'evil-id.example',
      '127.0.0.1.evil.example',
    ],
    ...[
      'localhost.evil.example',
      'evil.example.',
      '127.0.0.1x.example',
      'evil.example:8080:1',
      'svc.example',
      'local.example',
    ],
  ])('rejects a page under the host %j (fault A10)', (host) =>
    expect(hosts.isForeign(request({ ...PAGE, host }))).toBe(true),
  );

  const host = 'evil.example';

  it.each([
    ['POST', { origin: 'null' }],
    ['GET', { origin: 'http://evil.example' }],
    ['GET', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }],
    ['GET', { 'accept-language': 'en' }],
    ['HEAD', { 'accept-language': '*' }],
  ])('takes a %s with %j for a request of a page (fault A10)', (method, headers) => {
    expect(hosts.isForeign(request({ ...headers, host }, method))).toBe(true);
  });

  it.each([
    ['GET', {}],
    ['POST', {}],
    ['POST', { 'accept-language': '*' }],
    ['GET', { 'accept-language': '*', 'sec-fetch-mode': 'cors' }],
    ['GET', { accept: 'text/html', 'user-agent': 'Mozilla/5.0' }],
  ])('takes a %s with %j for one of a program (fault A10)', (method, headers) => {
    expect(hosts.isForeign(request({ ...headers, host }, method))).toBe(false);
  });

  it('leaves the hosts that a trusted proxy passes on to the proxy (fault A10)', () => {
    expect(hosts.isForeign(request({ ...PAGE, host }, 'POST', '10.1.2.3'))).toBe(false);
    expect(hosts.isForeign(request({ ...PAGE, host }, 'POST', '11.1.2.3'))).toBe(true);
  });
});
