import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Log } from '../../../config/log.js';
import { Outage } from '../../../database/outage.js';
import { BearerError, credentialsRequired } from '../../../protocol/bearer-error.js';
import { OAuthError } from '../../../protocol/oauth-error.js';
import { Problem } from '../../../protocol/problem.js';
import { TooManyRequests } from '../../../protocol/too-many-requests.js';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import { BASIC_CHALLENGE } from '../../oauth/oauth-answer.js';
import { bearerChallenge } from '../../request/bearer.js';
import { isFromBrowser } from '../../request/browser-request.js';
import { logFault } from '../../request/fault-log.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { RefusedCallers } from '../caller/refused-callers.js';
import { sendProblem } from './problem-answer.js';

const TITLES = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden' } as const;

/** The only writer of errors of the administration API; an unexpected error gets a fixed text. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    readonly log: Log,
    readonly outage: Outage,
    private readonly refused: RefusedCallers,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.write(error, host.switchToHttp().getResponse<FastifyReply>());
  }

  write(error: unknown, reply: FastifyReply): void {
    this.refused.note(error, reply.request as AdminRequest);
    if (error instanceof Problem) sendProblem(reply, error);
    else if (error instanceof BearerError) refuse(reply, error, error.code);
    else if (error instanceof OAuthError && error.code === 'invalid_client') {
      refuse(reply, credentialsRequired(), error.code, error.description);
    } else if (error instanceof TooManyRequests) {
      const members = { error: error.code };
      sendProblem(
        reply,
        new Problem(429, 'Too Many Requests', error.description, [], members),
        error.headers,
      );
    } else this.fail(reply, error);
  }

  private fail(reply: FastifyReply, fault: unknown): void {
    logFault(this, fault, reply.request);
    if (fault instanceof TemporarilyUnavailable) {
      const retryAfter = { 'retry-after': String(fault.retryAfterSeconds) };
      sendProblem(reply, new Problem(503, 'Service Unavailable', fault.message), retryAfter);
    } else {
      sendProblem(reply, new Problem(500, 'Internal Server Error', 'internal server error'));
    }
  }
}

function refuse(
  reply: FastifyReply,
  refusal: BearerError,
  code?: string,
  detail = refusal.description,
): void {
  const members = code === undefined ? {} : { error: code };
  const problem = new Problem(refusal.status, TITLES[refusal.status], detail, [], members);
  const bearer = bearerChallenge(refusal);
  // An unauthenticated caller may also use Basic.
  const byBasic = refusal.status === 401 && !isFromBrowser(reply.request.headers);
  sendProblem(reply, problem, { 'www-authenticate': byBasic ? [bearer, BASIC_CHALLENGE] : bearer });
}
