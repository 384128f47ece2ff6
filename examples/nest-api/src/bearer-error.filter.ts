import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BearerError } from './bearer-error.js';

/** Writes a refusal with the challenge that it owes (RFC 6750 3); Nest's own exceptions carry none. */
@Catch(BearerError)
export class BearerErrorFilter implements ExceptionFilter<BearerError> {
  catch({ status, code, description, challenge }: BearerError, host: ArgumentsHost): void {
    host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .code(status)
      .header('www-authenticate', `Bearer realm="world-mappers"${challenge}`)
      .send({ error: code, error_description: description });
  }
}
