import { describe, expect, it } from 'vitest';
import { routed } from './request-target.js';

describe('The target of a request', () => {
  it.each([
    ['/auth/token', '/auth/token'],
    ['/Session?client=http://x/y', '/Session?client=http://x/y'],
    ['http://localhost/auth/token', '/auth/token'],
    ['HTTPS://as.example:8443/Session?client=a', '/Session?client=a'],
    ['http://[::1]:8190/health/live', '/health/live'],
    ['http://localhost', '/'],
    ['http://localhost?x=/auth/token', '/?x=/auth/token'],
    ['http://localhost//.well-known/jwks.json', '/.well-known/jwks.json'],
    ['//.well-known/jwks.json', '/.well-known/jwks.json'],
    ['//.well-known/jwks.jso%6e?x', '/.well-known/jwks.jso%6e?x'],
    [
      '/.well-known/jwks.json?x=/y/.well-known/jwks.json',
      '/.well-known/jwks.json?x=/y/.well-known/jwks.json',
    ],
    ['/tenant//.well-known/openid-configuration?x', '/.well-known/openid-configuration/tenant/?x'],
    ['/tenant/.well-known/oauth-authorization-server/', '/.well-known/oauth-authorization-server/tenant'],
    ['/oidc/.well-known/jwks.json', '/oidc/.well-known/jwks.json'],
    ['/auth/token?x=/.well-known/jwks.json', '/auth/token?x=/.well-known/jwks.json'],
    ['/SigningKey/%24rotate', '/SigningKey/$rotate'],
    ['/Client?name=/%24rotate', '/Client?name=/%24rotate'],
    ['/auth/verify/books/%zz?scope=a:b:c', '/auth/verify?scope=a:b:c'],
    ['/auth/verify/', '/auth/verify'],
    ['/auth/verified?scope=a:b:c', '/auth/verified?scope=a:b:c'],
  ])('%s is routed as %s', (target, path) => {
    expect(routed(target)).toBe(path);
  });

  it.each([
    '*',
    '*auth/token',
    'auth/token',
    'ftp://localhost/auth/token',
    'http:///auth/token',
    'http://[::bad/auth/token',
    'http://user:secret@localhost/auth/token',
    'http://localhost/auth/token#part',
    'localhost:80',
  ])('rejects %s', (target) => {
    expect(routed(target)).toBe(target);
  });
});
