import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { type Auth, authOf } from './auth.js';
import { IssuerKeys } from './issuer-keys.js';
import type { IssuerMetadata } from './issuer-metadata.js';
import type { Settings } from './options.js';
import { invalidToken, Refusal } from './refusal.js';

/** Both token profiles: RFC 9068 2.1, and the older JWT (RFC 7519 5.1); with or without the `application/` prefix. */
const TYPES = /^(?:application\/)?(?:at\+jwt|jwt)$/i;

/** Verifies a JWT locally: signature, type, issuer, audience and time. */
export class JwtVerifier {
  private readonly keys: ReadonlyMap<string, IssuerKeys>;

  constructor(
    issuers: readonly IssuerMetadata[],
    private readonly settings: Settings,
  ) {
    this.keys = new Map(issuers.map((metadata) => [metadata.issuer, new IssuerKeys(metadata, settings)]));
  }

  async verify(token: string): Promise<Auth> {
    try {
      return authOf(await this.claimsOf(token), 'jwt');
    } catch (error) {
      throw error instanceof Refusal ? error : refusalOf(error);
    }
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    // Unverified: it only selects the keys, and only configured issuers have keys.
    const issuer = decodeJwt(token).iss ?? '';
    const keys = this.keys.get(issuer);
    if (!keys) throw invalidToken('the access token is from another issuer');
    const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
      algorithms: [...this.settings.algorithms],
      issuer,
      audience: [...this.settings.audiences],
      clockTolerance: this.settings.clockToleranceSeconds,
      requiredClaims: ['exp'],
    });
    if (!TYPES.test(protectedHeader.typ ?? '')) throw invalidToken('the token is not an access token');
    return payload;
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return invalidToken('the access token has expired', error);
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return invalidToken('the access token was not issued for this API', error);
  }
  return invalidToken(undefined, error);
}
