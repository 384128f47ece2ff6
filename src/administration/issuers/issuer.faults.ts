import { X509Certificate } from 'node:crypto';
import { isSpiffe } from '../../clients/federation/trusted-issuer.js';
import { jwksUriFault, privateAddressFault } from '../../clients/private-key-jwt/jwks/jwks-uri.js';
import { keySetFaults, withSignatureUse } from '../../clients/private-key-jwt/keys/public-key-set.js';
import type { Fault } from '../../protocol/problem.js';
import type { JsonObject } from '../documents/merge-patch.js';

const MAX_ISSUER_CHARACTERS = 255;
const MAX_CA_CHARACTERS = 64 * 1024;
const MAX_CERTIFICATES = 20;
/** SPIFFE-ID 2.1. */
const TRUST_DOMAIN = /^spiffe:\/\/[a-z0-9._-]{1,246}$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\r\n \t]+-----END CERTIFICATE-----/g;

/** The settings that the members of an issuer depend on. */
export interface IssuerBounds {
  allowPrivate: boolean;
  /** The issuers of this server. */
  own: ReadonlySet<string>;
}

/** Faults of `issuer`, its keys and its pins. */
export function issuerFaults(body: JsonObject, bounds: IssuerBounds): Fault[] {
  const faults: Fault[] = [];
  const add = (path: string, message: string | undefined) => {
    if (message !== undefined) faults.push({ path, message });
  };
  add('issuer', issuerFault(body.issuer, bounds));
  faults.push(...keyFaults(body));
  add('jwks_uri', addressFault(body, bounds));
  add('ca', caFault(body));
  add('pins', pinsFault(body));
  return faults;
}

function issuerFault(issuer: unknown, { allowPrivate, own }: IssuerBounds): string | undefined {
  if (typeof issuer !== 'string' || issuer.length > MAX_ISSUER_CHARACTERS || !/^[\x21-\x7E]+$/.test(issuer))
    return `must be an https URL or a SPIFFE trust domain of at most ${MAX_ISSUER_CHARACTERS} characters`;
  if (/^spiffe:/i.test(issuer))
    return TRUST_DOMAIN.test(issuer) ? undefined : 'must be a trust domain alone, as spiffe://example.org';
  const fault = jwksUriFault(issuer, allowPrivate);
  if (fault !== undefined) return fault;
  // OpenID Connect Discovery 2.
  if (issuer.includes('?')) return 'must not have a query';
  return own.has(issuer) || own.has(`${issuer}/`)
    ? 'is an issuer of this server, whose own tokens must not authenticate clients'
    : undefined;
}

function keyFaults({ issuer, jwks, jwks_uri: uri }: JsonObject): Fault[] {
  if (jwks === undefined) {
    const isMissing = uri === undefined && typeof issuer === 'string' && isSpiffe(issuer);
    return isMissing
      ? [{ path: 'jwks_uri', message: 'jwks or jwks_uri is required for a SPIFFE trust domain' }]
      : [];
  }
  if (uri !== undefined) return [{ path: 'jwks_uri', message: 'cannot be combined with jwks' }];
  return keySetFaults(withSignatureUse(jwks, 'jwt-svid')).map(({ path, message }) => ({
    path: `jwks${path}`,
    message,
  }));
}

/** Of the key server, or of the issuer where its keys are found by discovery. */
function addressFault(
  { issuer, jwks, jwks_uri: uri }: JsonObject,
  { allowPrivate }: IssuerBounds,
): string | undefined {
  if (jwks !== undefined) return undefined;
  if (uri !== undefined) {
    const fault = jwksUriFault(uri, allowPrivate);
    return fault ?? (allowPrivate ? undefined : privateAddressFault(uri as string));
  }
  if (allowPrivate || jwksUriFault(issuer, false) !== undefined) return undefined;
  const fault = privateAddressFault(issuer as string);
  return fault === undefined ? undefined : `is found at the issuer, which ${fault}`;
}

function caFault({ ca, jwks }: JsonObject): string | undefined {
  if (ca === undefined) return undefined;
  if (jwks !== undefined) return 'cannot be combined with jwks: it is for fetching keys';
  if (typeof ca !== 'string' || ca.length > MAX_CA_CHARACTERS)
    return 'must be certificates in PEM, at most 64 KiB';
  const certificates = ca.match(CERTIFICATE) ?? [];
  const isRight =
    certificates.length > 0 &&
    certificates.length <= MAX_CERTIFICATES &&
    ca.replace(CERTIFICATE, '').trim() === '' &&
    certificates.every(isCertificate);
  return isRight ? undefined : `must be 1 to ${MAX_CERTIFICATES} certificates in PEM and nothing else`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}

function pinsFault({ shared, pins }: JsonObject): string | undefined {
  if (shared === true)
    return pins === undefined
      ? 'is required when shared is true: name the claims of which a rule must fix one'
      : undefined;
  return pins === undefined ? undefined : 'is only allowed when shared is true';
}
