import { Injectable } from '@nestjs/common';
import { printable } from '../../../packages/protocol/src/error-description.js';
import type { AuditAction } from '../../audit/audit-event.js';
import { Refusals } from '../../audit/refusals.js';
import { parseAssertion, subjectOf } from '../../clients/private-key-jwt/assertion.js';
import type { OAuthError } from '../../protocol/oauth-error.js';
import { TooManyRequests } from '../../protocol/too-many-requests.js';
import { readFormBasicHeader } from '../request/basic-header.js';
import { refusedSource } from '../request/refused-source.js';
import { clientAddress, remoteAddress } from '../request/remote-address.js';
import { REVOCATION_PATHS, TOKEN_PATHS } from './dialect-endpoints.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';

const HIDDEN =
  'the caller is not in introspection_clients of any resource of the token, and lacks the permission Session:…:introspect';

/**
 * Audits rejections at the OAuth endpoints: failed client authentication, refused tokens and revocations, exceeded
 * limits.
 */
@Injectable()
export class RefusedRequests {
  constructor(private readonly refusals: Refusals) {}

  note(error: OAuthError, request: OAuthHttpRequest): void {
    const { code, status, description } = error;
    const { url: path = '' } = request.routeOptions;
    const action = error instanceof TooManyRequests ? limitAction(request) : actionOf(code, status, path);
    if (!action) return;
    const { user } = request;
    const { explanation, ...source } = refusedSource(error, request, () => presentedId(request));
    this.refusals.note({
      action,
      reason: code,
      ...source,
      ...(user ? { authenticated: true, clientId: user.id } : {}),
      detail: { path, description, ...explanation, ...(user ? askedFor(request) : {}) },
    });
  }

  /** A live token that the caller may not see: the response only says that it is inactive. */
  noteHiddenToken(request: OAuthHttpRequest, clientId: string, tokenClientId: string): void {
    const { url: path = '' } = request.routeOptions;
    this.refusals.note({
      action: 'introspection.deny',
      reason: 'not_allowed',
      address: clientAddress(request),
      network: remoteAddress(request),
      authenticated: true,
      registered: true,
      clientId,
      detail: { path, explanation: HIDDEN, token_client: tokenClientId },
    });
  }
}

/** Quotas apply to authenticated clients; failures are limited before authentication. */
const limitAction = ({ user }: OAuthHttpRequest): AuditAction =>
  user ? 'quota.exceed' : 'authentication.throttle';

function actionOf(code: string, status: number, path: string): AuditAction | undefined {
  if (status >= 500) return undefined;
  if (code === 'invalid_client') return 'authentication.fail';
  if (TOKEN_PATHS.includes(path)) return 'token.deny';
  return REVOCATION_PATHS.includes(path) ? 'revocation.deny' : undefined;
}

const presentedId = ({ parameters, headers }: OAuthHttpRequest): string | undefined =>
  readFormBasicHeader(headers.authorization ?? '')?.clientId ??
  parameters?.client_id ??
  subjectOf(parseAssertion(parameters?.client_assertion ?? ''));

/** Bounded, for display: never contains a credential. */
function askedFor({ parameters }: OAuthHttpRequest): Record<string, string> {
  const { grant_type, scope, audience } = parameters ?? {};
  const asked = { grant_type, scope, audience };
  return Object.fromEntries(
    Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, printable(value)]])),
  );
}
