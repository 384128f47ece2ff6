import { Injectable } from '@nestjs/common';
import { sameDigest, tokenDigest } from '../crypto/digest.js';
import { readHandle } from '../crypto/handle.js';
import type { PresentedSession, Session } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { idWithin } from './access-token.js';

const MAX_TOKEN = 128 * 1024;

/** Finds the session that a presented access token proves: by the id inside, then by the digest that was stored. */
@Injectable()
export class TokenFinder {
  constructor(private readonly sessions: SessionsService) {}

  /** The id and the digest that a session of this access token would have; nothing for what cannot be one. */
  proofOf(token: string): { id: string; digest: string } | undefined {
    if (token.length > MAX_TOKEN) return undefined;
    const id = readHandle('accessToken', token) ?? idWithin(token);
    return id === undefined ? undefined : { id, digest: tokenDigest(token) };
  }

  /** Answers the session whether it is live or not; nothing for a token that this server has not issued. */
  async find(token: string): Promise<PresentedSession | undefined> {
    const proof = this.proofOf(token);
    return proof && proved(await this.sessions.findPresented(proof.id), proof.digest);
  }

  /** The same with all that is recorded of it. */
  async findRecorded(token: string): Promise<Session | undefined> {
    const proof = this.proofOf(token);
    return proof && proved(await this.sessions.find(proof.id), proof.digest);
  }

  /** The same for a refresh token. */
  async findRefresh(token: string): Promise<Session | undefined> {
    const id = readHandle('refreshToken', token);
    const session = id === undefined ? undefined : await this.sessions.find(id);
    return session?.refreshDigest && sameDigest(session.refreshDigest, tokenDigest(token))
      ? session
      : undefined;
  }
}

const proved = <S extends PresentedSession>(session: S | undefined, digest: string): S | undefined =>
  session && sameDigest(session.tokenDigest, digest) ? session : undefined;
