import { Injectable } from '@nestjs/common';
import { Refusals } from '../../../audit/refusals.js';
import { BearerError } from '../../../protocol/bearer-error.js';
import { InvalidClient } from '../../../protocol/invalid-client.js';
import { TooManyRequests } from '../../../protocol/too-many-requests.js';
import { auditableDescription } from '../../request/auditable-client-id.js';
import { readBasicHeader } from '../../request/basic-header.js';
import { refusedSource } from '../../request/refused-source.js';
import type { AdminRequest } from './admin-request.js';

/** Records rejected requests to the administration API in the audit trail: failed authentication and missing permissions. */
@Injectable()
export class RefusedCallers {
  constructor(private readonly refusals: Refusals) {}

  note(error: unknown, request: AdminRequest): void {
    const { caller, method, headers } = request;
    const presentedId = () => readBasicHeader(headers.authorization ?? '')?.clientId;
    const { explanation, ...source } = refusedSource(error, request, presentedId);
    const detail = { method, path: request.routeOptions.url ?? '', ...explanation };
    if (error instanceof InvalidClient || error instanceof TooManyRequests) {
      const action = error instanceof TooManyRequests ? 'authentication.throttle' : 'authentication.fail';
      this.refusals.note({ action, reason: error.code, ...source, detail });
    } else if (error instanceof BearerError && error.code === 'invalid_token') {
      const { address, network } = source;
      const stranger = { address, network, authenticated: false, registered: false };
      this.refusals.note({ action: 'authentication.fail', reason: error.code, ...stranger, detail });
    } else if (error instanceof BearerError && error.status === 403 && caller) {
      this.refusals.note({
        ...source,
        action: 'authorization.deny',
        reason: error.code ?? 'insufficient_scope',
        authenticated: true,
        clientId: caller.clientId,
        ...(caller.session ? { sessionId: caller.session.id } : {}),
        detail: {
          ...detail,
          description: auditableDescription(error.explanation ?? error.description).slice(0, 256),
        },
      });
    }
  }
}
