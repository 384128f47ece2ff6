import { Injectable } from '@nestjs/common';
import { basicRefusalOf } from '../../../administration/access/basic-refusal.js';
import type { Caller } from '../../../administration/access/permissions.js';
import { SecretAuthenticator } from '../../../clients/authentication/secret-authenticator.js';
import type { Origin } from '../../../clients/usage/last-use.js';
import { Settings } from '../../../config/settings.js';
import { BearerError, credentialsRequired, forbidden, invalidToken } from '../../../protocol/bearer-error.js';
import { InvalidClient } from '../../../protocol/invalid-client.js';
import { nowMilliseconds } from '../../../runtime/clock.js';
import type { PresentedSession } from '../../../sessions/session.js';
import { TokenFinder } from '../../../tokens/token-finder.js';
import { dropEmptyAuthorization, hasManyAuthorizations } from '../../request/authorization-header.js';
import { readBasicHeader } from '../../request/basic-header.js';
import { readBearerToken } from '../../request/bearer.js';
import { clientAddress, originOf } from '../../request/remote-address.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { readQuery } from './query-string.js';

const SCHEME = /^(basic|bearer)(?: |$)/i;

/**
 * Identifies the caller: a client by its access token, or by Basic if it may use that. Permissions are checked later.
 * Called from a hook, since Nest's guards run only after the body was read.
 */
@Injectable()
export class AdminGuard {
  constructor(
    private readonly tokens: TokenFinder,
    private readonly clients: SecretAuthenticator,
    private readonly settings: Settings,
  ) {}

  async authenticate(request: AdminRequest): Promise<void> {
    const header = readAuthorization(request);
    const caller = /^basic/i.test(header)
      ? await this.callerByBasic(header, () => originOf(request))
      : await this.callerByToken(header, closesOwnSession(request));
    request.caller = { ...caller, address: clientAddress(request) };
  }

  private async callerByBasic(header: string, from: () => Origin): Promise<Caller> {
    const basic = readBasicHeader(header);
    if (!basic) throw new InvalidClient('the Authorization header is not well-formed Basic');
    const credential = { method: 'client_secret_basic', ...basic } as const;
    return this.clients.authenticateFor(credential, from, (client, secretId) => {
      const refusal = basicRefusalOf(client);
      if (refusal !== undefined) throw new InvalidClient(refusal, true);
      return { clientId: client.id, secretId };
    });
  }

  private async callerByToken(header: string, closing: boolean): Promise<Caller> {
    const session = await this.tokens.find(readBearerToken(header));
    if (!session || !(closing ? isUnexpired(session) : this.opensThisServer(session))) throw invalidToken();
    if (session.scope?.length === 0 && !closing) throw forbidden('the scope of the access token is empty');
    return { clientId: session.clientId, session };
  }

  private opensThisServer(session: PresentedSession): boolean {
    return session.live && session.audience.includes(this.settings.rootIssuer);
  }
}

/** The one Authorization header of a known scheme; tokens are accepted nowhere else (RFC 6750 2). */
function readAuthorization(request: AdminRequest): string {
  dropEmptyAuthorization(request.raw);
  if (hasManyAuthorizations(request.raw))
    throw new BearerError('invalid_request', 400, 'the request has more than one Authorization header');
  const header = request.headers.authorization;
  if (header === undefined) throw credentialsRequired();
  if (readQuery(request.url).some(([name]) => name === 'access_token')) {
    throw new BearerError('invalid_request', 400, 'the request carries credentials in more than one way');
  }
  if (!SCHEME.test(header)) throw credentialsRequired();
  return header;
}

/** Only `DELETE /Session` accepts any of this server's tokens, whatever its audience, until it expires. */
function closesOwnSession({ method, routeOptions, url }: AdminRequest): boolean {
  return method === 'DELETE' && routeOptions.url === '/Session' && readQuery(url).length === 0;
}

const isUnexpired = ({ endsAt }: PresentedSession): boolean => endsAt > nowMilliseconds();
