import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { invalidToken } from './bearer-error.js';
import { Settings } from './settings.js';

/** Every algorithm that Latchkey signs with: which one is used is a setting of the resource. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** Verifies access tokens against the issuer's JWK Set, which jose fetches, keeps, and asks again for a new key. */
@Injectable()
export class TokenVerifier {
  private readonly keys: JWTVerifyGetKey;

  constructor(private readonly settings: Settings) {
    this.keys = createRemoteJWKSet(settings.jwksUri);
  }

  /** Answers the claims of a token that this issuer signed for this API and that has not ended. */
  async verify(token: string): Promise<JWTPayload> {
    try {
      const { issuer, audience } = this.settings;
      const { payload } = await jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'client_id'],
      });
      return payload;
    } catch (error) {
      throw isFaultOfToken(error) ? invalidToken() : keysUnavailable(error);
    }
  }
}

/** jose tells everything by its own errors; those that speak of fetching the JWK Set are not the caller's fault. */
function isFaultOfToken(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    error.code !== errors.JOSEError.code &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid)
  );
}

const keysUnavailable = (cause: unknown) =>
  new ServiceUnavailableException('tokens cannot be verified at the moment', { cause });
