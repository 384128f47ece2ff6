import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Log } from '../../config/log.js';
import { Outage } from '../../database/outage.js';
import { ProcessActivity } from '../../metrics/process-activity.js';
import { BearerError } from '../../protocol/bearer-error.js';
import { OAuthError } from '../../protocol/oauth-error.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { logFault } from '../request/fault-log.js';
import { TOKEN_PATHS } from './dialect-endpoints.js';
import { sendBearerError, sendOAuthError } from './oauth-answer.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';
import { RefusedRequests } from './refused-requests.js';

/** The only writer of errors at the OAuth endpoints; unexpected errors get a fixed message. */
@Catch()
@Injectable()
export class OAuthErrorFilter implements ExceptionFilter {
  constructor(
    readonly log: Log,
    readonly outage: Outage,
    private readonly refused: RefusedRequests,
    private readonly activity: ProcessActivity,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = reply.request as OAuthHttpRequest;
    if (error instanceof BearerError) {
      request.result = error.code ?? 'no_token';
      sendBearerError(reply, error);
      return;
    }
    if (error instanceof OAuthError) this.refused.note(error, request);
    if (error instanceof TemporarilyUnavailable) reply.header('retry-after', String(error.retryAfterSeconds));
    const shown = this.toOAuthError(error, reply);
    request.result = shown.code;
    sendOAuthError(reply, shown);
    if (TOKEN_PATHS.includes(request.routeOptions.url ?? '')) this.count(request, shown);
  }

  private count({ startedAt }: OAuthHttpRequest, { status, code }: OAuthError): void {
    const milliseconds = startedAt === undefined ? undefined : performance.now() - startedAt;
    this.activity.own.rejected(status, code, milliseconds);
  }

  private toOAuthError(error: unknown, reply: FastifyReply): OAuthError {
    if (error instanceof OAuthError) return error;
    logFault(this, error, reply.request);
    return error instanceof TemporarilyUnavailable
      ? new OAuthError('temporarily_unavailable', 503, 'the server is temporarily unavailable')
      : new OAuthError('server_error', 500, 'internal server error');
  }
}
