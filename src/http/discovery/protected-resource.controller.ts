import { Controller, Get, NotFoundException, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProtectedResources, RESOURCE_METADATA_PATH } from '../../resources/protected-resources.js';
import { pathOf } from '../fallback.filter.js';
import { publish } from './public-documents.js';

/** Metadata of protected resources (RFC 9728 3). */
@Controller()
export class ProtectedResourceController {
  constructor(private readonly resources: ProtectedResources) {}

  /** The path as it was sent: a URI is not decoded before it is compared. */
  @Get(`${RESOURCE_METADATA_PATH}/*`)
  async metadata(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const path = pathOf(request.url).slice(RESOURCE_METADATA_PATH.length);
    const metadata = await this.resources.metadataAt(path);
    if (!metadata) throw new NotFoundException();
    publish(reply, metadata);
  }
}
