import type { Client } from '../../clients/client.js';
import { WORKLOAD_GRANT } from '../../clients/federation/workload.js';
import type { EncodedClaims } from '../../keys/encoded-claims.js';
import type { GrantType } from '../../protocol/grant-type.js';
import { JsonTemplate, TEXT } from '../../protocol/json-template.js';
import type { TokenResponse } from '../../protocol/messages/token-response.js';
import { formatScope } from '../../protocol/scope.js';
import { nowMilliseconds, toSeconds } from '../../runtime/clock.js';
import type { SessionTerms, StoredTerms } from '../../sessions/session.js';
import { storedTerms } from '../../sessions/session-row.js';
import { sharedClaims, typeOf } from '../access-token.js';
import type { Dialect } from '../dialects/dialect.js';
import type { Authorization } from '../grants/grant.js';
import { type CarriedByTokens, carriedBy } from './carried-names.js';
import { settleToken, type TokenSettings } from './token-settings.js';
import { assertReadable } from './token-size.js';

/** The common part of equal requests: everything of a token except its id, its times and its signature, precomputed. */
export interface TokenPlan {
  authorization: Authorization;
  settings: TokenSettings;
  terms: StoredTerms;
  /** Of a JWT: its `typ` and the constant claims. */
  jwt: { type: string; claims: EncodedClaims } | undefined;
  /** To be recorded before the token is issued; only JWTs, since the server is asked about opaque tokens. */
  carried: CarriedByTokens | undefined;
  /** Whether a refresh token is issued as well. */
  refreshes: boolean;
  /** Open for the access token and, if there is one, the refresh token. */
  response: JsonTemplate;
}

export function planToken(
  client: Client,
  type: GrantType,
  authorization: Authorization,
  dialect: Dialect,
  subject = dialect.subject(client.id),
): TokenPlan {
  const settings = settleToken(client, authorization.resources, dialect);
  const { audience, audienceAsked, scope, issuer } = authorization;
  const terms: SessionTerms = {
    clientId: client.id,
    type,
    dialect: dialect.name,
    issuer,
    subject,
    scope,
    audience,
    audienceAsked,
    tokenFormat: settings.format,
  };
  const jwt = settings.format === 'jwt' && {
    type: typeOf(settings.profile),
    claims: sharedClaims(terms, extraClaims(dialect, client, type), authorization.added),
  };
  if (jwt) assertReadable(jwt, settings, authorization);
  // A workload has a new assertion whenever it needs one.
  const refreshes =
    dialect.refreshTokens && client.clientCredentials.refreshToken === true && type !== WORKLOAD_GRANT;
  return {
    ...{ authorization, settings, terms: storedTerms(terms), jwt: jwt || undefined, refreshes },
    carried: jwt ? carriedBy(client.id, authorization) : undefined,
    response: responseOf(settings, authorization, dialect, refreshes),
  };
}

/** Auth0's `gty` names the grant, and has no word for that of a workload. */
function extraClaims(dialect: Dialect, { id }: Client, type: GrantType): Readonly<Record<string, string>> {
  const { gty, ...claims } = dialect.claims(id);
  return gty === undefined || type === WORKLOAD_GRANT ? claims : { ...claims, gty };
}

/** The plan for a client that expires before its tokens would: they end with it, also for APIs that verify JWTs offline. */
export function endingWith({ expiresAt }: Client, plan: TokenPlan, dialect: Dialect): TokenPlan {
  if (expiresAt === null) return plan;
  const left = Math.max(1, toSeconds(expiresAt) - toSeconds(nowMilliseconds()));
  if (left >= plan.settings.lifetimeSeconds) return plan;
  const settings = { ...plan.settings, lifetimeSeconds: left };
  return { ...plan, settings, response: responseOf(settings, plan.authorization, dialect, plan.refreshes) };
}

function responseOf(
  { lifetimeSeconds }: TokenSettings,
  { scope, rejected }: Authorization,
  dialect: Dialect,
  refreshes: boolean,
): JsonTemplate {
  const reportsRejected = rejected.length > 0 || dialect.alwaysReportsRejected;
  return new JsonTemplate({
    access_token: TEXT,
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
    ...(refreshes ? { refresh_token: TEXT } : {}),
    ...(reportsRejected ? { rejected_scope: formatScope(rejected) } : {}),
  } satisfies TokenResponse);
}
