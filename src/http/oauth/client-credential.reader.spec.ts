import { describe, expect, it } from 'vitest';
import { JWT_BEARER, JWT_SPIFFE } from '../../protocol/client-assertion.js';
import { OAuthError } from '../../protocol/oauth-error.js';
import { readClientCredential } from './client-credential.reader.js';
import type { OAuthParameters } from './oauth-parameters.js';

const encoded = Buffer.from('id:secret').toString('base64');
const BASIC = `Basic ${encoded}`;
const AT_NATIVE = { schemelessBasic: true };
const ELSEWHERE = { schemelessBasic: false };

type Parameters = Partial<OAuthParameters>;

const AUDIENCE = { issuer: 'https://as.example/', tokenEndpoint: 'https://as.example/auth/token' };

/** The credential, with a Basic header parsed. */
function read(authorization: string | undefined, parameters: Parameters, endpoint = ELSEWHERE) {
  const credential = readClientCredential(
    authorization,
    { resource: [], ...parameters },
    endpoint,
    () => AUDIENCE,
  );
  return 'parse' in credential ? { ...credential.parse(), header: credential.header } : credential;
}

function refusal(authorization: string | undefined, parameters: Parameters, endpoint = ELSEWHERE): string {
  try {
    read(authorization, parameters, endpoint);
    return 'read';
  } catch (error) {
    return error instanceof OAuthError ? `${error.status} ${error.code}` : String(error);
  }
}

const byBasic = { method: 'client_secret_basic', clientId: 'id', clientSecret: 'secret' };
const byPost = { method: 'client_secret_post', clientId: 'id', clientSecret: 'secret' };
const asserted = { client_assertion: 'x.y.z', client_assertion_type: JWT_BEARER };
const inBody = { client_id: 'id', client_secret: 'secret' };

describe('readClientCredential', () => {
  it('reads the Basic header', () => {
    expect(read(BASIC, {})).toEqual({ ...byBasic, header: BASIC });
  });

  it('accepts the same client_id in the body beside it', () => {
    expect(read(BASIC, { client_id: 'id' })).toEqual({ ...byBasic, header: BASIC });
  });

  it('reads client_id and client_secret in the body', () => {
    expect(read(undefined, inBody)).toEqual(byPost);
  });

  it('reads an assertion, with the client_id beside it (RFC 7521 4.2)', () => {
    expect(read(undefined, asserted)).toEqual({
      type: JWT_BEARER,
      assertion: 'x.y.z',
      clientId: undefined,
      audience: AUDIENCE,
    });
    expect(read(undefined, { ...asserted, client_id: 'id' })).toEqual({
      type: JWT_BEARER,
      assertion: 'x.y.z',
      clientId: 'id',
      audience: AUDIENCE,
    });
    const svid = { ...asserted, client_assertion_type: JWT_SPIFFE };
    expect(read(undefined, svid)).toMatchObject({ type: JWT_SPIFFE });
  });

  it('reads a value without a scheme as Basic where the dialect says so, and remembers no header for it', () => {
    expect(read(encoded, {}, AT_NATIVE)).toEqual(byBasic);
    expect(refusal(encoded, {}, ELSEWHERE)).toBe('401 invalid_client');
  });

  it.each<[string, string | undefined, Parameters, string]>([
    ['no credential', undefined, {}, '401 invalid_client'],
    ['an id without a secret', undefined, { client_id: 'id' }, '401 invalid_client'],
    ['a secret without an id', undefined, { client_secret: 'secret' }, '401 invalid_client'],
    ['another scheme', `Bearer ${encoded}`, {}, '401 invalid_client'],
    ['a malformed header', 'Basic', {}, '401 invalid_client'],
    ['an empty header', '', {}, '401 invalid_client'],
    ['Basic and a secret in the body', BASIC, inBody, '400 invalid_request'],
    ['Basic and a secret alone in the body', BASIC, { client_secret: 'other' }, '400 invalid_request'],
    ['Basic and an assertion', BASIC, { client_assertion: 'x.y.z' }, '400 invalid_request'],
    ['a secret and an assertion', undefined, { ...inBody, client_assertion: 'x.y.z' }, '400 invalid_request'],
    ['a malformed header and a secret in the body', 'Basic !', inBody, '400 invalid_request'],
    ['another client_id in the body', BASIC, { client_id: 'other' }, '400 invalid_request'],
    [
      'Basic and the type of an assertion',
      BASIC,
      { client_assertion_type: JWT_BEARER },
      '400 invalid_request',
    ],
    ['an assertion without a type', undefined, { client_assertion: 'x.y.z' }, '401 invalid_client'],
    [
      'an assertion of another type',
      undefined,
      { ...asserted, client_assertion_type: 'x' },
      '401 invalid_client',
    ],
    ['a type without an assertion', undefined, { client_assertion_type: JWT_BEARER }, '401 invalid_client'],
  ])('rejects %s (RFC 6749 2.3)', (_what, authorization, parameters, expected) => {
    expect(refusal(authorization, parameters)).toBe(expected);
  });
});
