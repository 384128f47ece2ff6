import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { isFromForeignPage } from '../request/browser-request.js';
import { INTROSPECTION_PATHS, REVOCATION_PATHS, TOKEN_PATHS } from './dialect-endpoints.js';
import { sendOAuthError } from './oauth-answer.js';

const ENDPOINTS: ReadonlySet<string> = new Set([...TOKEN_PATHS, ...INTROSPECTION_PATHS, ...REVOCATION_PATHS]);

/**
 * Puts an OAuth endpoint behind this check. Without it a page of any site could use up the quota of a client, or the
 * failure limit of the address that its visitors share, by forms that browsers send without asking.
 */
export function refuseForeignPages(route: RouteOptions): void {
  if (ENDPOINTS.has(route.url)) route.onRequest = refuse;
}

/** Before the body is read, and before anything is counted or audited. */
function refuse({ headers }: FastifyRequest, reply: FastifyReply, proceed: () => void): void {
  if (isFromForeignPage(headers)) {
    sendOAuthError(
      reply,
      invalidRequest('browser pages of other sites cannot use this endpoint; call it from a server', 403),
    );
  } else proceed();
}
