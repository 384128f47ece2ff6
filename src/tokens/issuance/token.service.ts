import { Injectable } from '@nestjs/common';
import type { TokenFormat } from '../../../packages/protocol/src/token-format.js';
import type { Client } from '../../clients/client.js';
import type { AssertionIdentity } from '../../clients/federation/trusted-issuer.js';
import { WORKLOAD_GRANT } from '../../clients/federation/workload.js';
import { type Origin, shortUserAgent } from '../../clients/usage/last-use.js';
import { tokenDigest } from '../../crypto/digest.js';
import { makeHandle } from '../../crypto/handle.js';
import { timeOrderedId } from '../../crypto/time-ordered-id.js';
import { KeyRing } from '../../keys/key-ring.service.js';
import type { SigningKey } from '../../keys/signing-key.js';
import { JWT_BEARER_GRANT } from '../../protocol/client-assertion.js';
import type { TokenRequest } from '../../protocol/messages/token-request.js';
import { OAuthError, unsupportedGrantType } from '../../protocol/oauth-error.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { nowMilliseconds, toSeconds } from '../../runtime/clock.js';
import type { NewSession } from '../../sessions/session.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { ownClaims } from '../access-token.js';
import type { Dialect } from '../dialects/dialect.js';
import { ClientCredentialsGrant } from '../grants/client-credentials.grant.js';
import type { Continued, Grant } from '../grants/grant.js';
import { RefreshTokenGrant, reusedBy, unknownRefreshToken } from '../grants/refresh-token.grant.js';
import { WorkloadGrant } from '../grants/workload.grant.js';
import { refreshTerms } from '../refresh-terms.js';
import { IssuancePlans } from './issuance-plans.js';
import { NameRecorder } from './name-recorder.js';
import { endingWith, planToken, type TokenPlan } from './token-plan.js';
import { TokenQuotas } from './token-quotas.service.js';

/** Of a request whose names are claimed by writes each time before they are recorded. */
const MAX_ATTEMPTS = 3;

type OwnTimes = Pick<NewSession, 'id' | 'startedAt' | 'endsAt'>;

interface MadeToken {
  key: SigningKey | undefined;
  accessToken: string;
  refreshToken: string | undefined;
  identity: AssertionIdentity | undefined;
  origin: Origin;
}

/** Where a request came from, and how the client, or a workload that acts within a client, has proved itself. */
export interface Presented {
  origin: Origin;
  /** Of the assertion of a trusted issuer. */
  identity?: AssertionIdentity | undefined;
  /** The `sub` of its token. */
  workload?: string | undefined;
}

/** The response of a token endpoint: the body as JSON, and further headers such as the rest of a quota. */
export interface IssuedToken {
  body: string;
  format: TokenFormat;
  headers?: Readonly<Record<string, string>>;
}

/**
 * Issues tokens, for all dialects. No token is returned before its session is durable. `respond` has the steps of a
 * request in their order: grant, audience and decision (`authorize`), settings (`planToken`), session, format.
 */
@Injectable()
export class TokenService {
  private readonly grants: ReadonlyMap<string, Grant>;

  constructor(
    clientCredentials: ClientCredentialsGrant,
    refreshToken: RefreshTokenGrant,
    workload: WorkloadGrant,
    private readonly keys: KeyRing,
    private readonly sessions: SessionsService,
    private readonly quotas: TokenQuotas,
    private readonly plans: IssuancePlans,
    private readonly names: NameRecorder,
  ) {
    this.grants = new Map<string, Grant>([
      [clientCredentials.type, clientCredentials],
      [refreshToken.type, refreshToken],
      [JWT_BEARER_GRANT, workload],
    ]);
  }

  issue(client: Client, request: TokenRequest, dialect: Dialect, presented: Presented): Promise<IssuedToken> {
    // As at Auth0, a quota applies to client_credentials only, and to workloads.
    const isCounted = request.grantType === 'client_credentials' || presented.workload !== undefined;
    return client.tokenQuota === null || !isCounted
      ? this.respond(client, request, dialect, presented)
      : this.respondCounted(client, request, dialect, presented);
  }

  private async respondCounted(
    client: Client,
    request: TokenRequest,
    dialect: Dialect,
    presented: Presented,
  ): Promise<IssuedToken> {
    const counted = presented.workload ?? client.id;
    try {
      const issued = await this.respond(client, request, dialect, presented);
      return { ...issued, headers: await this.quotas.headersOf(client, counted) };
    } catch (error) {
      throw error instanceof OAuthError ? error.with(await this.quotas.headersOf(client, counted)) : error;
    }
  }

  private async respond(
    client: Client,
    request: TokenRequest,
    dialect: Dialect,
    presented: Presented,
    attempt = 1,
  ): Promise<IssuedToken> {
    const { identity, workload, origin } = presented;
    const grant = this.permittedGrant(client, request, dialect, workload);
    const planned = this.plans.of(client, request, dialect, async () =>
      planToken(client, grant.type, await grant.authorize(client, request, dialect), dialect, workload),
    );
    const plan = endingWith(client, planned instanceof Promise ? await planned : planned, dialect);
    if (plan.carried && !(await this.names.record(plan.carried, plan.settings.lifetimeSeconds))) {
      if (attempt === MAX_ATTEMPTS) throw new TemporarilyUnavailable();
      return this.respond(client, request, dialect, presented, attempt + 1);
    }
    const own = ownTimes(plan);
    const key = plan.jwt && (await this.keys.current(plan.settings.alg));
    const accessToken =
      plan.jwt && key
        ? await key.signPayload(plan.jwt.type, plan.jwt.claims.with(ownClaims(own)))
        : makeHandle('accessToken', own.id);
    const refreshToken = plan.refreshes ? makeHandle('refreshToken', own.id) : undefined;
    const made = { key, accessToken, refreshToken, identity, origin };
    await this.record(client, sessionFor(client, plan, own, made), plan);
    const body = plan.response.fill(
      ...(refreshToken === undefined ? [accessToken] : [accessToken, refreshToken]),
    );
    return { body, format: plan.settings.format };
  }

  private permittedGrant(
    client: Client,
    request: TokenRequest,
    dialect: Dialect,
    workload: string | undefined,
  ): Grant {
    const grant = this.grants.get(request.grantType);
    // An authenticated client is no workload of its own template.
    if (!grant || (grant.type === WORKLOAD_GRANT) !== (workload !== undefined)) throw unsupportedGrantType();
    grant.permit(client, dialect);
    return grant;
  }

  private record(client: Client, session: NewSession, plan: TokenPlan): Promise<void> {
    const { continues } = plan.authorization;
    if (continues) return this.continueFamily(session, continues);
    return client.tokenQuota === null
      ? this.sessions.open(session)
      : this.quotas.open(client.tokenQuota, session);
  }

  private async continueFamily(session: NewSession, continues: Continued): Promise<void> {
    const { used, retried, mayRetry } = continues;
    if (!retried && (await this.sessions.exchange(used, session))) return;
    // The token was used concurrently: either the client retries, or one of the two parties is not the client.
    if ((retried || mayRetry) && (await this.sessions.openBeside(used, session))) return;
    await this.sessions.closeFamily(continues.first, reusedBy(session.terms.clientId));
    throw unknownRefreshToken();
  }
}

/** The id and the times of a new token. */
function ownTimes({ settings }: TokenPlan): OwnTimes {
  const startedAt = nowMilliseconds();
  return { id: timeOrderedId(), startedAt, endsAt: (toSeconds(startedAt) + settings.lifetimeSeconds) * 1000 };
}

function sessionFor(client: Client, plan: TokenPlan, own: OwnTimes, made: MadeToken): NewSession {
  const { continues } = plan.authorization;
  const refresh = refreshTerms(own, client, made.refreshToken, continues?.first);
  return {
    terms: plan.terms,
    id: own.id,
    startedAt: own.startedAt,
    endsAt: own.endsAt,
    kid: made.key?.kid ?? null,
    tokenDigest: tokenDigest(made.accessToken),
    refreshedFrom: continues?.used.id ?? null,
    familyId: refresh.familyId,
    familyEndsAt: refresh.familyEndsAt,
    refreshDigest: refresh.refreshDigest,
    refreshEndsAt: refresh.refreshEndsAt,
    generation: continues?.first.generation ?? client.sessionGeneration,
    federated: made.identity === undefined ? null : JSON.stringify(made.identity),
    address: made.origin.address,
    userAgent: shortUserAgent(made.origin.userAgent),
  };
}
