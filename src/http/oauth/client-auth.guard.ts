import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { ClientAuthenticator } from '../../clients/authentication/client-authenticator.js';
import type { Client } from '../../clients/client.js';
import { AssertionAuthenticator } from '../../clients/private-key-jwt/assertion-authenticator.js';
import type { AcceptedAudience } from '../../clients/private-key-jwt/assertion-claims.js';
import { Settings } from '../../config/settings.js';
import { InvalidClient } from '../../protocol/invalid-client.js';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { dropEmptyAuthorization, hasManyAuthorizations } from '../request/authorization-header.js';
import { remoteAddress } from '../request/remote-address.js';
import { CLIENT_BASIC } from './client-basic.strategy.js';
import { readClientCredential } from './client-credential.reader.js';
import { type DialectEndpoints, type Endpoint, endpointAt } from './dialect-endpoints.js';
import { missingParameter } from './missing-parameter.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';
import { type OAuthParameters, readParameters } from './oauth-parameters.js';

/**
 * Requires client authentication, by passport's Basic strategy or by parameters of the body. The body is parsed first,
 * because it decides which of the two a request uses. Recently verified headers and credentials come from the caches of
 * ClientAuthenticator, without passport.
 */
@Injectable()
export class ClientAuthGuard extends AuthGuard(CLIENT_BASIC) {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly assertions: AssertionAuthenticator,
    private readonly settings: Settings,
  ) {
    super();
  }

  /** Synchronous if the header is cached and there is nothing to wait for. */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<OAuthHttpRequest>();
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    request.parameters = readParameters(type, request.body as Buffer | undefined, encoding);
    const endpoint = endpointAt(request.routeOptions.url);
    const { requiredParameter: required } = endpoint;
    if (request.parameters[required] === undefined) throw missingParameter(required, request);
    dropEmptyAuthorization(request.raw);
    if (hasManyAuthorizations(request.raw)) {
      throw invalidRequest('the request has more than one Authorization header');
    }
    const known = this.recognise(request);
    if (known instanceof Promise)
      return known.then((client) => this.admit(client, endpoint, request, context));
    return this.admit(known, endpoint, request, context);
  }

  private admit(
    known: Client | undefined,
    endpoint: Endpoint,
    request: OAuthHttpRequest,
    context: ExecutionContext,
  ): boolean | Promise<boolean> {
    const named = request.parameters?.client_id ?? known?.id;
    if (!known || known.id !== named) return this.authenticate(endpoint, request, context);
    request.user = known;
    return true;
  }

  private async authenticate(
    endpoint: Endpoint,
    request: OAuthHttpRequest,
    context: ExecutionContext,
  ): Promise<boolean> {
    const parameters = request.parameters as OAuthParameters;
    const presented = readClientCredential(request.headers.authorization, parameters, endpoint);
    if ('assertion' in presented) {
      const audience = this.audienceOf(endpoint.of);
      request.user = await this.assertions.authenticate({ ...presented, audience }, remoteAddress(request));
      return true;
    }
    const secret = await this.authenticator.load(presented.credential);
    if (presented.basicHeader === undefined) {
      request.user = await this.authenticator.authenticate(secret, remoteAddress(request));
      return true;
    }
    const cached = this.authenticator.fromVerifiedCache(secret);
    if (cached) {
      request.user = cached;
      return true;
    }
    request.presented = secret;
    request.headers.authorization = presented.basicHeader;
    return (await super.canActivate(context)) as boolean;
  }

  /** A header together with credentials in the body is left to the reader to reject. */
  private recognise(request: OAuthHttpRequest) {
    const { headers, parameters } = request;
    if (headers.authorization === undefined || parameters === undefined) return undefined;
    const { client_secret: secret, client_assertion: assertion, client_assertion_type: type } = parameters;
    if (secret !== undefined || assertion !== undefined || type !== undefined) return undefined;
    return this.authenticator.fromHeaderCache(headers.authorization);
  }

  override handleRequest<T>(error: unknown, client: T | false): T {
    if (error) throw error;
    if (!client) throw new InvalidClient('no credentials');
    return client;
  }

  private audienceOf({ dialect, token }: DialectEndpoints): AcceptedAudience {
    return { issuer: dialect.issuer(this.settings), tokenEndpoint: this.settings.publicUrl + token };
  }
}
