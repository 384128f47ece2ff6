import { Injectable } from '@nestjs/common';
import { sameDigest, tokenDigest } from '../crypto/digest.js';
import { readHandle } from '../crypto/handle.js';
import type { Session } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';

const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LONGEST_TOKEN = 128 * 1024;

/** Finds the session that a presented access token proves: by the id inside, then by the digest that was stored. */
@Injectable()
export class TokenFinder {
  constructor(private readonly sessions: SessionsService) {}

  /** The id and the digest that a session of this access token would have; nothing for what cannot be one. */
  proofOf(token: string): { id: string; digest: string } | undefined {
    if (token.length > LONGEST_TOKEN) return undefined;
    const id = readHandle('accessToken', token) ?? readTokenId(token);
    return id === undefined ? undefined : { id, digest: tokenDigest(token) };
  }

  /** Answers the session whether it is live or not; nothing for a token that this server has not issued. */
  async find(token: string): Promise<Session | undefined> {
    const proof = this.proofOf(token);
    const session = proof && (await this.sessions.find(proof.id));
    return session && sameDigest(session.tokenDigest, proof.digest) ? session : undefined;
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

/** The `jti` of a JWT, unverified: the digest of the whole token is what proves it. */
function readTokenId(token: string): string | undefined {
  const [, payload, , ...rest] = token.split('.', 4);
  if (!payload || rest.length > 0) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const jti = typeof claims === 'object' && claims !== null && 'jti' in claims ? claims.jti : undefined;
    return typeof jti === 'string' && SESSION_ID.test(jti) ? jti : undefined;
  } catch {
    return undefined;
  }
}
