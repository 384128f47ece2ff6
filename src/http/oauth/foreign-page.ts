import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { isFromForeignPage } from '../request/browser-request.js';
import { INTROSPECTION_PATHS, REVOCATION_PATHS, TOKEN_PATHS } from './dialect-endpoints.js';
import { sendOAuthError } from './oauth-answer.js';

const ENDPOINTS: ReadonlySet<string> = new Set([...TOKEN_PATHS, ...INTROSPECTION_PATHS, ...REVOCATION_PATHS]);

/**
 * Rejects requests from pages of other sites to an OAuth endpoint. Otherwise any page could exhaust a client's quota,
 * or the failure limit of an address its visitors share, with forms that browsers send without a preflight.
 */
export function rejectForeignPages(route: RouteOptions): void {
  if (ENDPOINTS.has(route.url)) route.onRequest = refuse;
}

/** Runs before the body is read and before anything is counted or audited. */
function refuse({ headers }: FastifyRequest, reply: FastifyReply, proceed: () => void): void {
  if (isFromForeignPage(headers)) {
    sendOAuthError(
      reply,
      invalidRequest('browser pages of other sites cannot use this endpoint; call it from a server', 403),
    );
  } else proceed();
}
