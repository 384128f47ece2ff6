import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { DEFAULT_SIGNING_ALG } from '../protocol/signing-alg.js';
import { nowMilliseconds, toSeconds } from '../runtime/clock.js';

/** Signs an introspection answer for the caller that asked (RFC 9701 5), so that it can be kept as evidence. */
@Injectable()
export class SignedIntrospection {
  constructor(private readonly keys: KeyRing) {}

  /** `answer` is JSON. The JWT has no `sub` and no `exp` of its own, so that nobody takes it for an access token (RFC 9701 8.1). */
  async sign(issuer: string, caller: Client, answer: string): Promise<string> {
    const key = await this.keys.current(caller.clientCredentials.signingAlg ?? DEFAULT_SIGNING_ALG);
    const claims = {
      iss: issuer,
      aud: caller.id,
      iat: toSeconds(nowMilliseconds()),
    };
    const start = JSON.stringify(claims).slice(0, -1);
    return key.signJwt('token-introspection+jwt', `${start},"token_introspection":${answer}}`);
  }
}
