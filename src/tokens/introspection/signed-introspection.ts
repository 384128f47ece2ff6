import { Injectable } from '@nestjs/common';
import { DEFAULT_SIGNING_ALG } from '../../../packages/protocol/src/signing-alg.js';
import type { Client } from '../../clients/client.js';
import { KeyRing } from '../../keys/key-ring.service.js';
import { JsonTemplate, NUMBER, TEXT, VALUE } from '../../protocol/json-template.js';
import { nowMilliseconds, toSeconds } from '../../runtime/clock.js';

/** Signs an introspection response for its caller (RFC 9701 5), so that it can be kept as evidence. */
@Injectable()
export class SignedIntrospection {
  private readonly claims = new Map<string, JsonTemplate>();

  constructor(private readonly keys: KeyRing) {}

  /** `response` is JSON. */
  async sign(issuer: string, caller: Client, response: string): Promise<string> {
    const key = await this.keys.current(caller.clientCredentials.signingAlg ?? DEFAULT_SIGNING_ALG);
    const claims = this.claimsOf(issuer).fill(caller.id, toSeconds(nowMilliseconds()), response);
    return key.signJwt('token-introspection+jwt', claims);
  }

  /** Without `sub` and `exp`, so that the JWT cannot pass for an access token (RFC 9701 8.1). */
  private claimsOf(issuer: string): JsonTemplate {
    let claims = this.claims.get(issuer);
    if (!claims) {
      claims = new JsonTemplate({ iss: issuer, aud: TEXT, iat: NUMBER, token_introspection: VALUE });
      this.claims.set(issuer, claims);
    }
    return claims;
  }
}
