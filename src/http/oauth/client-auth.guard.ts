import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Client } from '../../clients/client.js';
import { ClientAuthenticator } from '../../clients/client-authenticator.js';
import { Admissions } from '../../clients/federation/admissions.js';
import { WorkloadAdmission } from '../../clients/federation/workload-admission.js';
import type { AssertionCredential } from '../../clients/private-key-jwt/assertion-authenticator.js';
import type { AcceptedAudience } from '../../clients/private-key-jwt/assertion-claims.js';
import { Settings } from '../../config/settings.js';
import { JWT_BEARER_GRANT } from '../../protocol/client-assertion.js';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { dropEmptyAuthorization, hasManyAuthorizations } from '../request/authorization-header.js';
import { originOf } from '../request/remote-address.js';
import { CLIENT_BASIC } from './client-basic.strategy.js';
import { readClientCredential } from './client-credential.reader.js';
import { type DialectEndpoints, type Endpoint, endpointAt } from './dialect-endpoints.js';
import { missingParameter } from './missing-parameter.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';
import { type OAuthParameters, readParameters } from './oauth-parameters.js';

const CREDENTIALS = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'] as const;

/**
 * Lets only an authenticated client through. The shape of the body is judged first, because it decides which credential a
 * request uses.
 */
@Injectable()
export class ClientAuthGuard extends AuthGuard(CLIENT_BASIC) {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly admissions: Admissions,
    private readonly admission: WorkloadAdmission,
    private readonly settings: Settings,
  ) {
    super();
  }

  /** Without a promise, and without passport, where the credential was verified lately. */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<OAuthHttpRequest>();
    request.startedAt = performance.now();
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    const parameters = readParameters(type, request.body as Buffer | undefined, encoding);
    const endpoint = endpointAt(request.routeOptions.url);
    request.parameters = parameters;
    requireParameter(endpoint.requiredParameter, request);
    requireOneAuthorization(request);
    const isGrant = parameters.grant_type === JWT_BEARER_GRANT && endpoint.requiredParameter === 'grant_type';
    const client = isGrant ? this.admit(request, endpoint) : this.authenticateClient(request, endpoint);
    if (client instanceof Promise) {
      request.authentication = client;
      return super.canActivate(context) as Promise<boolean>;
    }
    request.user = client;
    return true;
  }

  private authenticateClient(request: OAuthHttpRequest, endpoint: Endpoint): Client | Promise<Client> {
    const { authorization } = request.headers;
    const parameters = request.parameters as OAuthParameters;
    const credential = readClientCredential(authorization, parameters, endpoint, () =>
      this.audienceOf(endpoint.of),
    );
    return 'assertion' in credential
      ? this.authenticateAssertion(credential, request)
      : this.authenticator.authenticate(credential, () => originOf(request));
  }

  /** The grant of a workload takes the place of client authentication, once an issuer admits any. */
  private async admit(request: OAuthHttpRequest, endpoint: Endpoint): Promise<Client> {
    if (!(await this.admissions.isOpen())) return this.authenticateClient(request, endpoint);
    const parameters = request.parameters as OAuthParameters;
    if (
      request.headers.authorization !== undefined ||
      CREDENTIALS.some((name) => parameters[name] !== undefined)
    ) {
      throw invalidRequest(
        'this grant_type takes no client: send the assertion without client_id or credentials',
      );
    }
    if (parameters.assertion === undefined) throw invalidRequest('assertion is required');
    const { issuer } = this.audienceOf(endpoint.of);
    const { template, identity, subject } = await this.admission.admit(
      parameters.assertion,
      issuer,
      originOf(request),
    );
    request.identity = identity;
    request.workload = subject;
    return template;
  }

  private async authenticateAssertion(
    credential: AssertionCredential,
    request: OAuthHttpRequest,
  ): Promise<Client> {
    const origin = originOf(request);
    const { client, identity } = await this.authenticator.authenticateAssertion(credential, origin);
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
