import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Client } from '../../clients/client.js';
import { ClientAuthenticator } from '../../clients/client-authenticator.js';
import type { AssertionCredential } from '../../clients/private-key-jwt/assertion-authenticator.js';
import type { AcceptedAudience } from '../../clients/private-key-jwt/assertion-claims.js';
import { Settings } from '../../config/settings.js';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { dropEmptyAuthorization, hasManyAuthorizations } from '../request/authorization-header.js';
import { remoteAddress } from '../request/remote-address.js';
import { CLIENT_BASIC } from './client-basic.strategy.js';
import { readClientCredential } from './client-credential.reader.js';
import { type DialectEndpoints, type Endpoint, endpointAt } from './dialect-endpoints.js';
import { missingParameter } from './missing-parameter.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';
import { readParameters } from './oauth-parameters.js';

/**
 * Lets only an authenticated client through. The shape of the body is judged first, because it decides which credential a
 * request uses.
 */
@Injectable()
export class ClientAuthGuard extends AuthGuard(CLIENT_BASIC) {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly settings: Settings,
  ) {
    super();
  }

  /** Without a promise, and without passport, where the credential was verified lately. */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<OAuthHttpRequest>();
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    const parameters = readParameters(type, request.body as Buffer | undefined, encoding);
    const endpoint = endpointAt(request.routeOptions.url);
    request.parameters = parameters;
    requireParameter(endpoint.requiredParameter, request);
    requireOneAuthorization(request);
    const { authorization } = request.headers;
    const credential = readClientCredential(authorization, parameters, endpoint, () =>
      this.audienceOf(endpoint.of),
    );
    const client =
      'assertion' in credential
        ? this.authenticateAssertion(credential, request)
        : this.authenticator.authenticate(credential, () => remoteAddress(request));
    if (client instanceof Promise) {
      request.authentication = client;
      return super.canActivate(context) as Promise<boolean>;
    }
    request.user = client;
    return true;
  }

  private async authenticateAssertion(
    credential: AssertionCredential,
    request: OAuthHttpRequest,
  ): Promise<Client> {
    const address = remoteAddress(request);
    const { client, identity } = await this.authenticator.authenticateAssertion(credential, address);
    if (identity) request.identity = identity;
    return client;
  }

  private audienceOf({ dialect, token }: DialectEndpoints): AcceptedAudience {
    return { issuer: dialect.issuer(this.settings), tokenEndpoint: this.settings.publicUrl + token };
  }
}

function requireParameter(name: Endpoint['requiredParameter'], request: OAuthHttpRequest): void {
  if (request.parameters?.[name] === undefined) throw missingParameter(name, request);
}

/** An empty line presents no credential. */
function requireOneAuthorization({ raw }: OAuthHttpRequest): void {
  dropEmptyAuthorization(raw);
  if (hasManyAuthorizations(raw)) throw invalidRequest('the request has more than one Authorization header');
}
