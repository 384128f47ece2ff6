import { All, Controller, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { parseScope } from '../../protocol/scope.js';
import { type Question, VerificationService } from '../../tokens/verification.service.js';
import { readBearerToken } from '../bearer.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';

export const VERIFY_PATH = '/auth/verify';

/** For gateways (nginx auth_request, Traefik and Caddy forward auth, Envoy): any method, the body is not read. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class VerifyController {
  constructor(private readonly verification: VerificationService) {}

  @All([VERIFY_PATH, `${VERIFY_PATH}/*`])
  async verify(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const question = readQuestion(request.query as Record<string, unknown>);
    const token = readBearerToken(request.headers.authorization);
    const { session, scope } = await this.verification.verify(token, question);
    reply
      .code(200)
      .headers({
        'cache-control': 'no-store',
        'x-client-id': session.clientId,
        'x-session-id': session.id,
        ...(scope === null ? {} : { 'x-scope': scope.join(' ') }),
      })
      .send();
  }
}

/** `scope` and `audience`, each repeatable, one of them at least. */
function readQuestion({ scope, audience }: Record<string, unknown>): Question {
  const items = values(scope).flatMap((value) => parseScope(value));
  const audiences = values(audience);
  if (items.length === 0 && audiences.length === 0) throw invalidRequest('scope or audience is required');
  return { items, audiences };
}

const values = (value: unknown): string[] =>
  [value].flat().filter((one): one is string => typeof one === 'string' && one !== '');
