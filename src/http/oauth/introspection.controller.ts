import { Controller, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Client } from '../../clients/client.js';
import { Settings } from '../../config/settings.js';
import { IntrospectionService } from '../../tokens/introspection/introspection.service.js';
import { INACTIVE } from '../../tokens/introspection/introspection-answer.js';
import { SignedIntrospection } from '../../tokens/introspection/signed-introspection.js';
import { prefersToJson } from './accepted-types.js';
import { ClientAuthGuard } from './client-auth.guard.js';
import { endpointAt, INTROSPECTION_PATHS } from './dialect-endpoints.js';
import { sendJwtAnswer, sendOAuthText } from './oauth-answer.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';
import { RefusedRequests } from './refused-requests.js';

const SIGNED = 'application/token-introspection+jwt';

/** The introspection endpoint of every dialect (RFC 7662 2); each accepts the tokens of all dialects. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class IntrospectionController {
  constructor(
    private readonly introspection: IntrospectionService,
    private readonly signed: SignedIntrospection,
    private readonly settings: Settings,
    private readonly refused: RefusedRequests,
  ) {}

  @Post(INTROSPECTION_PATHS)
  @UseGuards(ClientAuthGuard)
  async introspect(@Req() request: OAuthHttpRequest, @Res() reply: FastifyReply): Promise<void> {
    const caller = request.user as Client;
    const answer = await this.introspection.introspect(
      caller.id,
      request.parameters?.token as string,
      ({ clientId }) => this.refused.noteHiddenToken(request, caller.id, clientId),
    );
    request.result = answer === INACTIVE ? 'inactive' : 'active';
    // A client that accepts any type gets JSON; a signed response has to be requested by name (RFC 9701 4).
    if (!prefersToJson(request.headers.accept ?? '', SIGNED)) {
      sendOAuthText(reply, 200, answer);
      return;
    }
    const issuer = endpointAt(request.routeOptions.url).of.dialect.issuer(this.settings);
    sendJwtAnswer(reply, SIGNED, await this.signed.sign(issuer, caller, answer));
  }
}
