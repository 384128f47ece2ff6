import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { WORKLOAD_GRANT } from '../clients/federation/workload.js';
import type { TokenRequest } from '../protocol/messages/token-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { Session } from '../sessions/session.js';
import { AUTH0 } from './dialects/auth0.js';
import { AUTHING } from './dialects/authing.js';
import type { Dialect } from './dialects/dialect.js';
import { NATIVE } from './dialects/native.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import type { Authorization, GrantBasis } from './grants/grant.js';
import { RefreshTokenGrant } from './grants/refresh-token.grant.js';
import { WorkloadGrant } from './grants/workload.grant.js';

/** An earlier request, as far as the session of its token tells: with what it was granted in place of what it asked for. */
export type EarlierRequest = Pick<Session, 'type' | 'dialect' | 'scope' | 'audience' | 'audienceAsked'>;

/** What the request would get. */
export type Rehearsed = Pick<Authorization, 'audience' | 'scope'> | OAuthError;

const DIALECTS: ReadonlyMap<string, Dialect> = new Map(
  [NATIVE, AUTH0, AUTHING].map((dialect) => [dialect.name, dialect]),
);

/** Decides earlier token requests by a configuration that need not be the stored one. Issues nothing. */
@Injectable()
export class RequestRehearsal {
  constructor(
    private readonly clientCredentials: ClientCredentialsGrant,
    private readonly workload: WorkloadGrant,
    private readonly refreshToken: RefreshTokenGrant,
  ) {}

  /** `withoutScope`: as if the request had named no scope. */
  async decide(
    earlier: EarlierRequest,
    client: Client,
    basis: GrantBasis,
    withoutScope = false,
  ): Promise<Rehearsed> {
    const dialect = DIALECTS.get(earlier.dialect);
    if (!dialect) throw new Error(`a session has the unknown dialect ${earlier.dialect}`);
    try {
      return await this.authorize(earlier, requestOf(earlier, dialect, withoutScope), client, dialect, basis);
    } catch (error) {
      if (error instanceof OAuthError) return error;
      throw error;
    }
  }

  private authorize(
    earlier: EarlierRequest,
    request: TokenRequest,
    client: Client,
    dialect: Dialect,
    basis: GrantBasis,
  ): Promise<Pick<Authorization, 'audience' | 'scope'>> {
    if (earlier.type === this.refreshToken.type) {
      this.refreshToken.permit(client, dialect);
      const repeated = { ...request, scope: undefined, audience: undefined, resources: [] };
      return this.refreshToken.decide(client, repeated, dialect, earlier, basis);
    }
    const grant = earlier.type === WORKLOAD_GRANT ? this.workload : this.clientCredentials;
    grant.permit(client);
    return grant.decide(client, request, dialect, basis);
  }
}

/** Not the id of a resource, so that no policy grants it: in place of the items that a request was not granted. */
const REJECTED_ITEM = '-';

/** One audience can have been requested by either parameter, several only by `resource`. */
function requestOf(
  { type, scope, audience, audienceAsked }: EarlierRequest,
  { scopeRequired }: Dialect,
  withoutScope: boolean,
): TokenRequest {
  const [first, ...others] = audienceAsked ? audience : [];
  const items = scope?.length === 0 && scopeRequired ? [REJECTED_ITEM] : scope;
  return {
    grantType: type,
    scope: withoutScope || items === null ? undefined : items.join(' '),
    audience: others.length === 0 ? first : undefined,
    resources: others.length === 0 ? [] : audience,
    refreshToken: undefined,
  };
}
