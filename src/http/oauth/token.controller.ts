import { Controller, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Client } from '../../clients/client.js';
import { ProcessActivity } from '../../metrics/process-activity.js';
import type { TokenRequest } from '../../protocol/messages/token-request.js';
import { TokenService } from '../../tokens/issuance/token.service.js';
import { originOf } from '../request/remote-address.js';
import { ClientAuthGuard } from './client-auth.guard.js';
import { endpointAt, TOKEN_PATHS } from './dialect-endpoints.js';
import { sendOAuthText } from './oauth-answer.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';
import type { OAuthParameters } from './oauth-parameters.js';

/** The token endpoint of every dialect (RFC 6749 3.2). */
@Controller()
@UseFilters(OAuthErrorFilter)
export class TokenController {
  constructor(
    private readonly tokens: TokenService,
    private readonly activity: ProcessActivity,
  ) {}

  @Post(TOKEN_PATHS)
  @UseGuards(ClientAuthGuard)
  async issue(@Req() request: OAuthHttpRequest, @Res() reply: FastifyReply): Promise<void> {
    const { dialect } = endpointAt(request.routeOptions.url).of;
    const asked = tokenRequestOf(request.parameters as OAuthParameters);
    const { body, format, headers } = await this.tokens.issue(request.user as Client, asked, dialect, {
      origin: originOf(request),
      identity: request.identity,
      workload: request.workload,
    });
    request.result = format;
    if (headers) reply.headers(headers);
    sendOAuthText(reply, 200, body);
    this.activity.own.issued(performance.now() - (request.startedAt as number));
  }
}

const tokenRequestOf = (parameters: OAuthParameters): TokenRequest => ({
  grantType: parameters.grant_type as string,
  scope: parameters.scope,
  audience: parameters.audience,
  resources: parameters.resource,
  refreshToken: parameters.refresh_token,
});
