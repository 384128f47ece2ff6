import type { Client } from '../clients/client.js';
import type { EncodedClaims } from '../keys/encoded-claims.js';
import type { GrantType } from '../protocol/grant-type.js';
import { formatScope } from '../protocol/scope.js';
import type { TokenResponse } from '../protocol/token-response.js';
import type { SessionTerms, TermsText } from '../sessions/session.js';
import { textOf } from '../sessions/session-row.js';
import { sharedClaims, typeOf } from './access-token.js';
import type { Dialect } from './dialects/dialect.js';
import type { Authorization } from './grants/grant.js';
import { settleToken, type TokenSettings } from './token-settings.js';
import { assertReadable } from './token-size.js';

/** What equal requests share: everything of a token except its id, its times and its signature, precomputed. */
export interface TokenPlan {
  authorization: Authorization;
  settings: TokenSettings;
  terms: SessionTerms;
  text: TermsText;
  /** Of a JWT: its `typ` and the constant claims. */
  jwt: { type: string; claims: EncodedClaims } | undefined;
  response: ResponseParts;
}

/** The members of the response after the access token, and after the refresh token, as JSON. */
interface ResponseParts {
  middle: string;
  end: string;
}

export function planToken(
  client: Client,
  type: GrantType,
  authorization: Authorization,
  dialect: Dialect,
): TokenPlan {
  const settings = settleToken(client, authorization.resources, dialect);
  const { audience, audienceAsked, scope, issuer } = authorization;
  const terms: SessionTerms = {
    clientId: client.id,
    type,
    dialect: dialect.name,
    issuer,
    subject: dialect.subject(client.id),
    scope,
    audience,
    audienceAsked,
    tokenFormat: settings.format,
  };
  const jwt = settings.format === 'jwt' && {
    type: typeOf(settings.profile),
    claims: sharedClaims(terms, dialect.claims(client.id)),
  };
  if (jwt) assertReadable(jwt, settings, scope);
  return {
    ...{ authorization, settings, terms, text: textOf(terms), jwt: jwt || undefined },
    response: responseParts(settings, authorization, dialect),
  };
}

function responseParts(
  { lifetimeSeconds }: TokenSettings,
  { scope, rejected }: Authorization,
  dialect: Dialect,
): ResponseParts {
  const middle: Omit<TokenResponse, 'access_token'> = {
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
  };
  const reportsRejected = rejected.length > 0 || dialect.alwaysReportsRejected;
  const end = reportsRejected ? `,"rejected_scope":${JSON.stringify(formatScope(rejected))}}` : '}';
  return { middle: JSON.stringify(middle).slice(1, -1), end };
}

/** A successful response as JSON text; tokens contain no character that JSON escapes. */
export function tokenResponse(
  { response }: TokenPlan,
  accessToken: string,
  refreshToken: string | undefined,
): string {
  const refresh = refreshToken === undefined ? '' : `,"refresh_token":"${refreshToken}"`;
  return `{"access_token":"${accessToken}",${response.middle}${refresh}${response.end}`;
}
