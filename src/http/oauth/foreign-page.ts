import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { HAND_OVER_PATH } from '../../protocol/hand-over-path.js';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { isFromForeignOrigin, isFromForeignPage } from '../request/browser-request.js';
import { FOREIGN_HOST, type OwnHosts } from '../request/own-hosts.js';
import { INTROSPECTION_PATHS, REVOCATION_PATHS, TOKEN_PATHS } from './dialect-endpoints.js';
import { sendOAuthError } from './oauth-answer.js';

const ENDPOINTS: ReadonlySet<string> = new Set([
  ...TOKEN_PATHS,
  ...INTROSPECTION_PATHS,
  ...REVOCATION_PATHS,
  HAND_OVER_PATH,
]);

const FOREIGN_PAGE = 'browser pages of other sites cannot use this endpoint; call it from a server';

/**
 * Rejects requests from pages of other sites to an OAuth endpoint. Otherwise any page could exhaust a client's quota,
 * or the failure limit of an address its visitors share, with forms that browsers send without a preflight.
 */
export function rejectForeignPages(route: RouteOptions, hosts: OwnHosts, ownOrigin: string): void {
  if (!ENDPOINTS.has(route.url)) return;
  /** Runs before the body is read and before anything is counted or audited. */
  route.onRequest = (request: FastifyRequest, reply: FastifyReply, proceed: () => void): void => {
    const { headers } = request;
    if (isFromForeignPage(headers) || isFromForeignOrigin(headers, ownOrigin))
      sendOAuthError(reply, invalidRequest(FOREIGN_PAGE, 403));
    else if (hosts.isForeign(request)) sendOAuthError(reply, invalidRequest(FOREIGN_HOST, 403));
    else proceed();
  };
}
