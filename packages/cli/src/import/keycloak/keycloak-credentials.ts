import { createPublicKey, X509Certificate } from 'node:crypto';
import type { JsonObject } from '../../connection.js';
import { secretOf } from '../secret.js';
import { unsupported } from '../source.js';
import { isObject, listOf, type SourceObject } from '../source-object.js';

const HOW = 'export with `kc.sh export`, which contains secrets; the console masks them';
const KEYS = ['use.jwks.url', 'jwks.url', 'use.jwks.string', 'jwks.string', 'jwt.credential.certificate'];

/** How a client authenticates, and its secret. */
export function credentialsOf(
  object: SourceObject,
  attributes: SourceObject | undefined,
): { members: JsonObject; secret: object } {
  const type = object.peek('clientAuthenticatorType') ?? 'client-secret';
  if (type === 'client-secret') {
    object.imported('clientAuthenticatorType');
    return { members: {}, secret: secretOf(object, 'secret', HOW) };
  }
  if (object.peek('secret') !== undefined)
    object.changed('secret', 'the client does not authenticate with a secret');
  const keys = type === 'client-jwt' && attributes ? keysOf(attributes) : undefined;
  if (!keys) {
    object.lost(
      'clientAuthenticatorType',
      unsupported(`${type} without a key that can be imported: use a secret or private_key_jwt`),
    );
    return { members: {}, secret: {} };
  }
  object.changed('clientAuthenticatorType', 'token_endpoint_auth_method private_key_jwt');
  const found = keys;
  for (const name of KEYS) attributes?.changed(name, 'jwks or jwks_uri');
  return { members: { token_endpoint_auth_method: 'private_key_jwt', ...found }, secret: {} };
}

function keysOf(attributes: SourceObject): JsonObject | undefined {
  const url = attributes.peek('jwks.url');
  if (attributes.peek('use.jwks.url') === 'true' && typeof url === 'string') return { jwks_uri: url };
  try {
    const text = attributes.peek('jwks.string');
    if (attributes.peek('use.jwks.string') === 'true' && typeof text === 'string') {
      const set: unknown = JSON.parse(text);
      return isObject(set) && listOf(set.keys).length > 0 ? { jwks: { keys: set.keys } } : undefined;
    }
    const certificate = attributes.peek('jwt.credential.certificate');
    if (typeof certificate !== 'string') return undefined;
    const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
    const jwk = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' });
    return { jwks: { keys: [{ ...jwk, use: 'sig', ...(jwk.kty === 'RSA' ? { alg: 'RS256' } : {}) }] } };
  } catch {
    return undefined;
  }
}
