import { Injectable } from '@nestjs/common';
import { DEFAULT_SIGNING_ALG } from '../../packages/protocol/src/signing-alg.js';
import type { Client } from '../clients/client.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { nowMilliseconds, toSeconds } from '../runtime/clock.js';

/** Signs an introspection response for its caller (RFC 9701 5), so that it can be kept as evidence. */
@Injectable()
export class SignedIntrospection {
  constructor(private readonly keys: KeyRing) {}

  /** `response` is JSON. The JWT has no `sub` and no `exp`, so that it cannot pass for an access token (RFC 9701 8.1). */
  async sign(issuer: string, caller: Client, response: string): Promise<string> {
    const key = await this.keys.current(caller.clientCredentials.signingAlg ?? DEFAULT_SIGNING_ALG);
    const claims = {
      iss: issuer,
      aud: caller.id,
      iat: toSeconds(nowMilliseconds()),
      token_introspection: JSON.parse(response),
    };
    return key.signJwt('token-introspection+jwt', JSON.stringify(claims));
  }
}
