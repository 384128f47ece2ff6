import { describe, expect, it } from 'vitest';
import { RouteTable } from './route-table.js';

function tableOf(...routes: [string | string[], string][]): RouteTable {
  const table = new RouteTable();
  for (const [method, pattern] of routes) table.add(method, pattern);
  return table;
}

describe('RouteTable', () => {
  it('returns the methods of a path, each once, in order', () => {
    const table = tableOf(['PUT', '/Client/:id'], [['GET', 'HEAD'], '/Client/:id'], ['GET', '/Client/:id']);
    expect(table.methodsAt('/Client/api-client')).toEqual(['GET', 'HEAD', 'PUT']);
  });

  it('returns nothing for a path that no pattern matches', () => {
    const table = tableOf(['POST', '/auth/token'], ['GET', '/Client/:id']);
    for (const path of [
      '/',
      '',
      '/auth',
      '/auth/token/',
      '/auth/token/x',
      '/Auth/token',
      '/Client',
      '/Client/',
      '/Client/a/b',
    ]) {
      expect(table.methodsAt(path), path).toEqual([]);
    }
  });

  it('joins the methods of every matching pattern', () => {
    const table = tableOf(['GET', '/Session/:id'], ['DELETE', '/Session/one'], ['POST', '/Session']);
    expect(table.methodsAt('/Session/one')).toEqual(['DELETE', 'GET']);
    expect(table.methodsAt('/Session/two')).toEqual(['GET']);
    expect(table.methodsAt('/Session')).toEqual(['POST']);
  });

  it('never takes the name of an operation for an id', () => {
    const table = tableOf(['GET', '/AccessPolicy/:id'], ['POST', '/AccessPolicy/$explain']);
    expect(table.methodsAt('/AccessPolicy/$explain')).toEqual(['POST']);
    expect(table.methodsAt('/AccessPolicy/$other')).toEqual([]);
  });

  it('lets a star match the rest of a path, however long, but not nothing', () => {
    const table = tableOf(['GET', '/.well-known/openid-configuration/*']);
    expect(table.methodsAt('/.well-known/openid-configuration/oidc')).toEqual(['GET']);
    expect(table.methodsAt('/.well-known/openid-configuration/a/b/c')).toEqual(['GET']);
    expect(table.methodsAt('/.well-known/openid-configuration')).toEqual([]);
    expect(table.methodsAt('/.well-known/other/oidc')).toEqual([]);
  });

  it.each([
    ['/auth/token/', '/auth/token'],
    ['//auth/token', '/auth/token'],
    ['/auth//token//', '/auth/token'],
    ['/Auth/TOKEN', '/auth/token'],
    ['/auth/./x/../token', '/auth/token'],
    ['/auth/%74oken/', '/auth/token'],
    ['/client//A-b/', '/Client/A-b'],
  ])('returns the path that %s was probably meant for (fault C8)', (path, address) => {
    expect(tableOf(['POST', '/auth/token'], ['GET', '/Client/:id']).near(path)).toBe(address);
  });

  it.each([
    '/auth/token',
    '/Client/x',
    '/auth/tokens',
    '/auth',
    '/',
    '',
    '/%zz',
    '/Client/$x',
    '/any/where/',
  ])('returns no other path for %s', (path) => {
    const table = tableOf(['POST', '/auth/token'], ['GET', '/Client/:id'], ['GET', '/any/*']);
    expect(table.near(path)).toBeUndefined();
  });
});
