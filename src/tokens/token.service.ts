import { Injectable } from '@nestjs/common';
import { uuidv7 } from 'uuidv7';
import type { Client } from '../clients/client.js';
import { nowMilliseconds, toSeconds } from '../crypto/clock.js';
import { tokenDigest } from '../crypto/digest.js';
import { makeHandle } from '../crypto/handle.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { unsupportedGrantType } from '../protocol/oauth-error.js';
import { formatScope } from '../protocol/scope.js';
import type { TokenRequest } from '../protocol/token-request.js';
import type { TokenResponse } from '../protocol/token-response.js';
import type { NewSession } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { claimsOf, typeOf } from './access-token.js';
import type { Dialect } from './dialects/dialect.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import type { Authorization, Grant } from './grants/grant.js';
import { RefreshTokenGrant, unknownRefreshToken } from './grants/refresh-token.grant.js';
import { refreshTerms } from './refresh-terms.js';
import { settleToken, type TokenSettings } from './token-settings.js';

/** Issues tokens: the one use case that all doors share. Nothing leaves before its session is durable. */
@Injectable()
export class TokenService {
  private readonly grants: ReadonlyMap<string, Grant>;

  constructor(
    clientCredentials: ClientCredentialsGrant,
    refreshToken: RefreshTokenGrant,
    private readonly keys: KeyRing,
    private readonly sessions: SessionsService,
  ) {
    this.grants = new Map([clientCredentials, refreshToken].map((grant: Grant) => [grant.type, grant]));
  }

  async issue(client: Client, request: TokenRequest, dialect: Dialect): Promise<TokenResponse> {
    const grant = this.permittedGrant(client, request, dialect);
    const authorization = await grant.authorize(client, request, dialect);
    const settings = settleToken(client, authorization.resources, dialect);
    const { session, accessToken, refreshToken } = await this.mint(
      client,
      grant,
      authorization,
      settings,
      dialect,
    );
    await this.record(session, authorization);
    return responseOf(session, settings, authorization, dialect, accessToken, refreshToken);
  }

  private permittedGrant(client: Client, request: TokenRequest, dialect: Dialect): Grant {
    const grant = this.grants.get(request.grantType);
    if (!grant) throw unsupportedGrantType();
    grant.permit(client, dialect);
    return grant;
  }

  private async mint(
    client: Client,
    grant: Grant,
    authorization: Authorization,
    settings: TokenSettings,
    dialect: Dialect,
  ): Promise<{ session: NewSession; accessToken: string; refreshToken: string | undefined }> {
    const id = uuidv7();
    const startedAt = nowMilliseconds();
    const claims = {
      id,
      clientId: client.id,
      issuer: authorization.issuer,
      subject: dialect.subject(client.id),
      audience: authorization.audience,
      scope: authorization.scope,
      startedAt,
      endsAt: (toSeconds(startedAt) + settings.lifetimeSeconds) * 1000,
    };
    const refreshes = dialect.refreshTokens && client.clientCredentials.refreshToken === true;
    const refreshToken = refreshes ? makeHandle('refreshToken', id) : undefined;
    const key = settings.format === 'jwt' ? await this.keys.current(settings.alg) : undefined;
    const accessToken = key
      ? await key.signJwt(typeOf(settings.profile), claimsOf(claims, dialect.claims(client.id)))
      : makeHandle('accessToken', id);
    const session: NewSession = {
      ...claims,
      type: grant.type,
      door: dialect.door,
      audienceAsked: authorization.audienceAsked,
      tokenFormat: settings.format,
      kid: key?.kid ?? null,
      tokenDigest: tokenDigest(accessToken),
      refreshedFrom: authorization.continues?.used.id ?? null,
      ...refreshTerms(claims, client, refreshToken, authorization.continues?.first),
    };
    return { session, accessToken, refreshToken };
  }

  private async record(session: NewSession, { continues }: Authorization): Promise<void> {
    if (!continues) {
      await this.sessions.open(session);
    } else if (continues.retried) {
      await this.sessions.openBeside(session);
    } else if (!(await this.sessions.exchange(continues.used, session))) {
      // Somebody else used the same token meanwhile: a retry of the client, or one of the two is not the client.
      if (continues.mayRetry) return this.sessions.openBeside(session);
      await this.sessions.closeFamily(continues.first.id);
      throw unknownRefreshToken();
    }
  }
}

function responseOf(
  { scope }: NewSession,
  { lifetimeSeconds }: TokenSettings,
  { rejected }: Authorization,
  dialect: Dialect,
  accessToken: string,
  refreshToken: string | undefined,
): TokenResponse {
  const tellsRejected = rejected.length > 0 || dialect.tellsRejectedAlways;
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(tellsRejected ? { rejected_scope: formatScope(rejected) } : {}),
  };
}
