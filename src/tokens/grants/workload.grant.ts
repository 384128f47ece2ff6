import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { WORKLOAD_GRANT } from '../../clients/federation/workload.js';
import { Settings } from '../../config/settings.js';
import type { TokenRequest } from '../../protocol/messages/token-request.js';
import { invalidTarget } from '../../protocol/oauth-error.js';
import type { Dialect } from '../dialects/dialect.js';
import { ClientCredentialsGrant } from './client-credentials.grant.js';
import type { Authorization, Grant, GrantBasis } from './grant.js';

/** RFC 7523 2.1 for a workload that acts on its own behalf, within the grants of its template client. */
@Injectable()
export class WorkloadGrant implements Grant {
  readonly type = WORKLOAD_GRANT;

  constructor(
    private readonly clientCredentials: ClientCredentialsGrant,
    private readonly settings: Settings,
  ) {}

  permit(template: Client): void {
    this.clientCredentials.permit(template);
  }

  async authorize(template: Client, request: TokenRequest, dialect: Dialect): Promise<Authorization> {
    return this.assertForeign(await this.clientCredentials.authorize(template, request, dialect));
  }

  async decide(
    template: Client,
    request: TokenRequest,
    dialect: Dialect,
    basis: GrantBasis,
  ): Promise<Authorization> {
    return this.assertForeign(await this.clientCredentials.decide(template, request, dialect, basis));
  }

  private assertForeign(authorization: Authorization): Authorization {
    // At this server its token would be that of the template: it would see and close the sessions of other workloads.
    if (authorization.audience.includes(this.settings.rootIssuer))
      throw invalidTarget('a workload gets no token for this server itself: request the audience of an API');
    return authorization;
  }
}
