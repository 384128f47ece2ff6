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

/** What equal requests have in common: all of a token but its id, its times and its signature, made ready. */
export interface TokenPlan {
  authorization: Authorization;
  settings: TokenSettings;
  terms: SessionTerms;
  text: TermsText;
  /** Of a JWT: its `typ`, and the claims that do not change. */
  jwt: { type: string; claims: EncodedClaims } | undefined;
  answer: AnswerParts;
}

/** The answer's members after the access token, and after the refresh token, as JSON. */
interface AnswerParts {
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
    answer: answerParts(settings, authorization, dialect),
  };
}

function answerParts(
  { lifetimeSeconds }: TokenSettings,
  { scope, rejected }: Authorization,
  dialect: Dialect,
): AnswerParts {
  const middle: Omit<TokenResponse, 'access_token'> = {
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
  };
  const tellsRejected = rejected.length > 0 || dialect.tellsRejectedAlways;
  const end = tellsRejected ? `,"rejected_scope":${JSON.stringify(formatScope(rejected))}}` : '}';
  return { middle: JSON.stringify(middle).slice(1, -1), end };
}

/** A successful answer as JSON text; tokens hold nothing that JSON escapes. */
export function answerOf(
  { answer }: TokenPlan,
  accessToken: string,
  refreshToken: string | undefined,
): string {
  const refresh = refreshToken === undefined ? '' : `,"refresh_token":"${refreshToken}"`;
  return `{"access_token":"${accessToken}",${answer.middle}${refresh}${answer.end}`;
}
