import { Controller, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Client } from '../../clients/client.js';
import { IntrospectionService } from '../../tokens/introspection.service.js';
import { ClientAuthGuard } from './client-auth.guard.js';
import { INTROSPECTION_PATHS } from './doors.js';
import { sendOAuthAnswer } from './oauth-answer.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';

/** The introspection endpoint of every door (RFC 7662 2); any door answers for any token of ours. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionService) {}

  @Post(INTROSPECTION_PATHS)
  @UseGuards(ClientAuthGuard)
  async introspect(@Req() request: OAuthHttpRequest, @Res() reply: FastifyReply): Promise<void> {
    const { id } = request.user as Client;
    sendOAuthAnswer(reply, 200, await this.introspection.introspect(id, request.parameters?.token as string));
  }
}
