import { Injectable } from '@nestjs/common';
import type { AuditAction } from '../../audit/audit-event.js';
import { Refusals } from '../../audit/refusals.js';
import { readSubject } from '../../clients/assertion/assertion.js';
import { printable } from '../../protocol/error-description.js';
import type { OAuthError } from '../../protocol/oauth-error.js';
import { TooManyRequests } from '../../protocol/too-many-requests.js';
import { presentedAs } from '../presented-id.js';
import { readBasicHeader } from './basic-header.js';
import { REVOCATION_PATHS, TOKEN_PATHS } from './doors.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';

/**
 * Has refusals of the OAuth endpoints audited: failed client authentication, refused tokens and revocations, limits that
 * are passed.
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
    this.refusals.note({
      action,
      reason: code,
      address: request.ip,
      authenticated: user !== undefined,
      ...(user ? { clientId: user.id } : presentedAs(presentedId(request))),
      detail: { path, description, ...(user ? askedFor(request) : {}) },
    });
  }
}

/** Quotas are those of clients that have proved who they are; failures are limited before that. */
const limitAction = ({ user }: OAuthHttpRequest): AuditAction => (user ? 'quota.pass' : 'pair.block');

function actionOf(code: string, status: number, path: string): AuditAction | undefined {
  if (status >= 500) return undefined;
  if (code === 'invalid_client') return 'sign-in.fail';
  if (TOKEN_PATHS.includes(path)) return 'token.refuse';
  return REVOCATION_PATHS.includes(path) ? 'revocation.refuse' : undefined;
}

const presentedId = ({ parameters, headers }: OAuthHttpRequest): string | undefined =>
  readBasicHeader(headers.authorization ?? '')?.clientId ??
  parameters?.client_id ??
  readSubject(parameters?.client_assertion ?? '');

/** Bounded, for people: never a credential. */
function askedFor({ parameters }: OAuthHttpRequest): Record<string, string> {
  const { grant_type, scope, audience } = parameters ?? {};
  const asked = { grant_type, scope, audience };
  return Object.fromEntries(
    Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, printable(value)]])),
  );
}
