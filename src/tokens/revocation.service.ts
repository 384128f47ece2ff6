import { Injectable } from '@nestjs/common';
import { invalidGrant } from '../protocol/oauth-error.js';
import type { Session } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { TokenFinder } from './token-finder.js';

/** Revokes a client's own token (RFC 7009): an access token alone, a refresh token with its whole family. */
@Injectable()
export class RevocationService {
  constructor(
    private readonly tokens: TokenFinder,
    private readonly sessions: SessionsService,
  ) {}

  /** An unknown or ended token counts as revoked (RFC 7009 2.2); one of another client is invalid_grant. */
  async revoke(clientId: string, token: string, address?: string): Promise<void> {
    const agent = { clientId, ...(address === undefined ? {} : { address }) };
    const closing = { reason: 'revoked', agent } as const;
    const proof = this.tokens.proofOf(token);
    if (proof && (await this.sessions.closeByDigest({ id: proof.id, clientId }, proof.digest, closing)))
      return;
    const access = await this.tokens.findRecorded(token);
    if (access) {
      assertIssuedTo(access, clientId);
      await this.sessions.closeAlone(access, closing);
      return;
    }
    const refresh = await this.tokens.findRefresh(token);
    if (!refresh) return;
    assertIssuedTo(refresh, clientId);
    await this.sessions.closeFamily(refresh, closing);
  }
}

function assertIssuedTo(session: Session, clientId: string): void {
  if (session.clientId !== clientId) throw invalidGrant('the token was not issued to this client');
}
