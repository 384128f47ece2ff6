import { Controller, Options, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ANY_ORIGIN, PUBLIC_PATHS } from './public-documents.js';

const MAX_AGE_SECONDS = 7200;

/** Preflights of browsers for the public documents, and for nothing else; MCP clients send a header of their own. */
@Controller()
export class PreflightController {
  @Options(PUBLIC_PATHS)
  allow(@Res() reply: FastifyReply): void {
    reply
      .code(204)
      .headers({
        ...ANY_ORIGIN,
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': '*',
        'access-control-max-age': String(MAX_AGE_SECONDS),
        'cache-control': 'no-store',
      })
      .send();
  }
}
