import { jwksUriFault, privateAddressFault } from '../../clients/private-key-jwt/jwks/jwks-uri.js';
import { keySetFaults } from '../../clients/private-key-jwt/keys/public-key-set.js';
import type { Fault } from '../../protocol/problem.js';
import type { JsonObject } from '../documents/merge-patch.js';

const KEY_MEMBERS = ['jwks', 'jwks_uri', 'assertion_audience'];

/**
 * The faults of a client's keys: private_key_jwt needs either a key set or its URL, and other methods allow neither.
 */
export function clientKeyFaults(body: JsonObject, allowPrivateJwksUri: boolean): Fault[] {
  if (body.token_endpoint_auth_method !== 'private_key_jwt') {
    return KEY_MEMBERS.filter((name) => body[name] !== undefined).map((path) => ({
      path,
      message: 'is only allowed when token_endpoint_auth_method is private_key_jwt',
    }));
  }
  const faults = [...setFaults(body), ...uriFaults(body, allowPrivateJwksUri)];
  // A secret that can never be used would only appear to be a credential.
  if (typeof body.secret === 'string') {
    faults.push({
      path: 'secret',
      message: 'must be omitted when token_endpoint_auth_method is private_key_jwt',
    });
  }
  return faults;
}

function setFaults({ jwks, jwks_uri: uri }: JsonObject): Fault[] {
  if (jwks !== undefined) {
    return keySetFaults(jwks).map(({ path, message }) => ({ path: `jwks${path}`, message }));
  }
  return uri === undefined
    ? [
        {
          path: 'jwks',
          message: 'jwks or jwks_uri is required when token_endpoint_auth_method is private_key_jwt',
        },
      ]
    : [];
}

function uriFaults({ jwks, jwks_uri: uri }: JsonObject, allowPrivate: boolean): Fault[] {
  if (uri === undefined) return [];
  const message = jwks === undefined ? uriFault(uri, allowPrivate) : 'cannot be combined with jwks';
  return message === undefined ? [] : [{ path: 'jwks_uri', message }];
}

const uriFault = (uri: unknown, allowPrivate: boolean): string | undefined =>
  jwksUriFault(uri, allowPrivate) ?? (allowPrivate ? undefined : privateAddressFault(uri as string));
