import type { Fault } from '../../../protocol/problem.js';
import type { JsonObject } from '../../documents/merge-patch.js';

/** An imported hash can only begin the life of a client: later it could replace a secret by a weaker one unnoticed. */
export function secretHashFaults(body: JsonObject, exists: boolean): Fault[] {
  if (body.secret_hash === undefined) return [];
  const fault = (message: string): Fault[] => [{ path: 'secret_hash', message }];
  if (exists) return fault('is accepted only when a client is created: omit it, or use `secret`');
  if (body.secret !== undefined) return fault('cannot be combined with `secret`');
  return body.token_endpoint_auth_method === 'private_key_jwt'
    ? fault('cannot be combined with private_key_jwt, which uses no secret')
    : [];
}
