import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientRegistry } from '../clients/client-registry.js';
import { Settings } from '../config/settings.js';
import { sameDigest, tokenDigest } from '../crypto/digest.js';
import { readHandle } from '../crypto/handle.js';
import { ResourceCatalog } from '../resources/resource-catalog.js';
import type { PresentedSession, Session } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { idWithin } from './access-token.js';
import { type ListedSession, withinList } from './listed-audiences.js';

const MAX_TOKEN_CHARACTERS = 128 * 1024;

/**
 * Finds the session of a presented token: by the id in the token, verified against the stored digest. A session that
 * began under another issuer has ended: what was an audience of another API then may be this server's own now.
 */
@Injectable()
export class TokenFinder {
  private readonly rootIssuer: string;
  private readonly oidcIssuer: string;

  constructor(
    private readonly sessions: SessionsService,
    private readonly clients: ClientRegistry,
    private readonly catalog: ResourceCatalog,
    { rootIssuer, oidcIssuer }: Settings,
  ) {
    this.rootIssuer = rootIssuer;
    this.oidcIssuer = oidcIssuer;
  }

  /** The id and the digest that the session of this access token has; undefined if it cannot be one of this server. */
  proofOf(token: string): { id: string; digest: string } | undefined {
    if (token.length > MAX_TOKEN_CHARACTERS) return undefined;
    const id = readHandle('accessToken', token) ?? idWithin(token);
    return id === undefined ? undefined : { id, digest: tokenDigest(token) };
  }

  /** The session, live or not; undefined for a token that this server has not issued. */
  async find(token: string): Promise<ListedSession | undefined> {
    const proof = this.proofOf(token);
    const session = proof && proved(await this.sessions.findPresented(proof.id), proof.digest);
    return session?.live ? this.current(session) : session;
  }

  /** A live session within the current settings of the server and of the client. */
  current(session: PresentedSession): ListedSession | Promise<ListedSession> {
    if (this.hasFormerIssuer(session)) return { ...session, live: false };
    const registered = this.clients.find(session.clientId);
    return registered instanceof Promise
      ? registered.then((found) => this.asOfClient(session, found?.client))
      : this.asOfClient(session, registered?.client);
  }

  /** The session with all columns, as it was recorded. */
  async findRecorded(token: string): Promise<Session | undefined> {
    const proof = this.proofOf(token);
    return proof && proved(await this.sessions.find(proof.id), proof.digest);
  }

  /** The same for a refresh token. */
  async findRefresh(token: string): Promise<Session | undefined> {
    const id = readHandle('refreshToken', token);
    const session = id === undefined ? undefined : await this.sessions.find(id);
    if (!session?.refreshDigest || !sameDigest(session.refreshDigest, tokenDigest(token))) return undefined;
    return this.hasFormerIssuer(session) ? { ...session, live: false, ownersValid: false } : session;
  }

  private asOfClient(
    session: PresentedSession,
    client: Client | undefined,
  ): ListedSession | Promise<ListedSession> {
    const list = client?.clientCredentials.audience;
    const own = client && ownClaims(client);
    const found = own === undefined ? session : { ...session, own };
    return list ? withinList(found, list, this.catalog) : found;
  }

  private hasFormerIssuer({ issuer }: PresentedSession): boolean {
    return issuer !== this.rootIssuer && issuer !== this.oidcIssuer;
  }
}

/** As a session carries the claims of its client. */
export const ownClaims = ({ claims, version, createdAt }: Client): ListedSession['own'] =>
  claims === null ? undefined : { claims, version: `${createdAt} ${version}` };

const proved = <S extends PresentedSession>(session: S | undefined, digest: string): S | undefined =>
  session && sameDigest(session.tokenDigest, digest) ? session : undefined;
