import { Controller, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Client } from '../../clients/client.js';
import { RevocationService } from '../../tokens/revocation.service.js';
import { clientAddress } from '../request/remote-address.js';
import { ClientAuthGuard } from './client-auth.guard.js';
import { REVOCATION_PATHS } from './dialect-endpoints.js';
import { sendOAuthAnswer } from './oauth-answer.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';

/** The revocation endpoint of every dialect (RFC 7009 2); it responds once the revocation is durable. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class RevocationController {
  constructor(private readonly revocation: RevocationService) {}

  @Post(REVOCATION_PATHS)
  @UseGuards(ClientAuthGuard)
  async revoke(@Req() request: OAuthHttpRequest, @Res() reply: FastifyReply): Promise<void> {
    const { id } = request.user as Client;
    await this.revocation.revoke(id, request.parameters?.token as string, clientAddress(request));
    sendOAuthAnswer(reply, 200, {});
  }
}
