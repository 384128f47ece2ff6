import type { FastifyReply, FastifyRequest } from 'fastify';
import { VERIFY_PATH } from '../http/oauth/verify.controller.js';

/** The target of a request as the routes expect it, in whichever form it was sent (RFC 9112 3.2). */
export function routed(target: string): string {
  const path = target.startsWith('/') ? target : originForm(target);
  if (path.includes('/.well-known/')) return wellKnown(path);
  // Any path below it is the same request, even one that cannot be decoded.
  if (path.startsWith(`${VERIFY_PATH}/`)) return VERIFY_PATH + path.replace(/^[^?]*/, '');
  // Operation names begin with $, which some clients percent-encode.
  return path.includes('/%24') ? path.replace(/^([^?]*)\/%24/, '$1/$$') : path;
}

/** The documents published for each issuer, with the parts before and after the name. */
const WELL_KNOWN =
  /^([^?]*)\/\.well-known\/(oauth-authorization-server|openid-configuration|jwks\.json)(\/?)(\?.*)?$/;

/**
 * Clients append the well-known path to an issuer, which may end with a slash (OpenID Connect Discovery 4), or insert
 * it before the issuer's path (RFC 8414 3.1); the routes use the second form.
 */
function wellKnown(target: string): string {
  const [, issuer, name, slash, query = ''] = WELL_KNOWN.exec(target) ?? [];
  // A different document, or one whose name is percent-encoded; the router decodes it.
  if (issuer === undefined) return target.replace(/^\/(?=\/\.well-known\/)/, '');
  const path = issuer.replace(/^\/(?=\/|$)/, '');
  // Documents below /oidc have routes of their own.
  if (path === '/oidc') return `/oidc/.well-known/${name}${query}`;
  return `/.well-known/${name}${path || slash}${query}`;
}

/** The absolute form is accepted from every client (RFC 9112 3.2.2), but without userinfo (RFC 9110 4.2.4). */
const ABSOLUTE = /^https?:\/\/[^/?#@]+((?:[/?][^#]*)?)$/i;

function originForm(target: string): string {
  const rest = URL.canParse(target) ? ABSOLUTE.exec(target)?.[1] : undefined;
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * The router treats the first character of a target as a slash, whatever it is. A name with $ is never an id: an
 * unknown operation, or one with the wrong method, is not found.
 */
export function rejectUnknownTarget(request: FastifyRequest, reply: FastifyReply, proceed: () => void): void {
  const { is404, url, params } = request;
  if (is404 || (url.startsWith('/') && !(params as { id?: string }).id?.startsWith('$'))) proceed();
  else reply.callNotFound();
}
