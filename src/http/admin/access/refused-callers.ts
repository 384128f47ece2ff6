import { Injectable } from '@nestjs/common';
import { Refusals } from '../../../audit/refusals.js';
import { BearerError } from '../../../protocol/bearer-error.js';
import { OAuthError } from '../../../protocol/oauth-error.js';
import { TooManyRequests } from '../../../protocol/too-many-requests.js';
import { readBasicHeader } from '../../oauth/basic-header.js';
import { presentedAs } from '../../presented-id.js';
import type { AdminRequest } from './admin-request.js';

/** Has refusals of the administrator's door audited: callers who are not who they say, and what a caller may not do. */
@Injectable()
export class RefusedCallers {
  constructor(private readonly refusals: Refusals) {}

  note(error: unknown, request: AdminRequest): void {
    const { caller, ip: address, method, headers } = request;
    const detail = { method, path: request.routeOptions.url ?? '' };
    if (error instanceof OAuthError) {
      if (error.code !== 'invalid_client' && !(error instanceof TooManyRequests)) return;
      const presented = presentedAs(readBasicHeader(headers.authorization ?? '')?.clientId);
      const { code: reason } = error;
      this.refusals.note({
        action: error instanceof TooManyRequests ? 'pair.block' : 'sign-in.fail',
        reason,
        address,
        authenticated: false,
        ...presented,
        detail,
      });
    } else if (error instanceof BearerError && error.code === 'invalid_token') {
      this.refusals.note({
        action: 'sign-in.fail',
        reason: error.code,
        address,
        authenticated: false,
        detail,
      });
    } else if (error instanceof BearerError && error.status === 403 && caller) {
      this.refusals.note({
        action: 'permission.refuse',
        reason: error.code ?? 'insufficient_scope',
        address,
        authenticated: true,
        clientId: caller.clientId,
        ...(caller.session ? { sessionId: caller.session.id } : {}),
        detail: { ...detail, description: error.description.slice(0, 256) },
      });
    }
  }
}
