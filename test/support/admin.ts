import { type Answer, basic, json, request } from './http.js';
import { rememberSecret } from './leaks.js';
import type { TestServer } from './server.js';

type HeaderFields = Record<string, string>;

export interface Admin {
  get(path: string, headers?: HeaderFields): Promise<Answer>;
  put(path: string, body: unknown, headers?: HeaderFields): Promise<Answer>;
  post(path: string, body?: unknown, headers?: HeaderFields): Promise<Answer>;
  patch(path: string, body: unknown, headers?: HeaderFields): Promise<Answer>;
  delete(path: string, headers?: HeaderFields): Promise<Answer>;
}

type Where = Pick<TestServer, 'url' | 'adminId' | 'adminSecret'>;

/** The administration API as one caller: the administrator, or the given `authorization` header. */
export function admin(
  server: Where,
  caller: HeaderFields = basic(server.adminId, server.adminSecret),
): Admin {
  rememberSecret(server.adminSecret);
  const at = (path: string) => new URL(path, server.url).href;
  const send =
    (method: string) =>
    (path: string, body: unknown, headers: HeaderFields = {}) =>
      json(at(path), body, { ...caller, ...headers }, method);
  const ask =
    (method: string) =>
    (path: string, headers: HeaderFields = {}) =>
      request(at(path), { method, headers: { ...caller, ...headers } });
  const post = send('POST');
  return {
    get: ask('GET'),
    delete: ask('DELETE'),
    put: send('PUT'),
    patch: send('PATCH'),
    post: (path, body = {}, headers = {}) => post(path, body, headers),
  };
}
