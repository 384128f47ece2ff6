import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { namesTag } from '../../administration/configuration/entity-tag.js';
import { OpenApiDocument } from './openapi-document.js';
import { PUBLIC_CACHE } from './public-documents.js';

/** The description of every endpoint (OpenAPI 3.1), for generators of clients. */
@Controller()
export class OpenApiController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get('openapi.json')
  async openApi(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { text, etag } = await this.document.read();
    const known = request.headers['if-none-match'];
    reply.headers({ ...PUBLIC_CACHE, etag });
    // RFC 9110 13.1.2
    if (known !== undefined && namesTag(known, etag)) reply.code(304).send();
    else reply.header('content-type', 'application/json; charset=utf-8').send(text);
  }
}
