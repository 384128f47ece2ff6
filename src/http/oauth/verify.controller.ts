import { All, Controller, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { printable } from '../../../packages/protocol/src/error-description.js';
import { BearerError } from '../../protocol/bearer-error.js';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { parseScope } from '../../protocol/scope.js';
import { ProtectedResources } from '../../resources/protected-resources.js';
import {
  type VerificationQuery,
  VerificationService,
  type VerifiedToken,
} from '../../tokens/verification.service.js';
import { dropEmptyAuthorization, hasManyAuthorizations } from '../request/authorization-header.js';
import { readBearerToken } from '../request/bearer.js';
import type { ObservedRequest } from '../request/observed-request.js';
import { claimHeaders, readClaimNames } from './claim-headers.js';
import { decodePart } from './form-text.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';

export const VERIFY_PATH = '/auth/verify';

const MAX_SHOWN_NAME_LENGTH = 64;
/** By default nginx accepts at most 4 KiB of response headers. */
const MAX_SCOPE_HEADER_BYTES = 3 * 1024;

const PARAMETERS: ReadonlySet<string> = new Set(['scope', 'audience', 'claims']);

/** For gateways (nginx auth_request, Traefik and Caddy forward auth, Envoy): any method; the body is not read. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class VerifyController {
  constructor(
    private readonly verification: VerificationService,
    private readonly resources: ProtectedResources,
  ) {}

  @All(VERIFY_PATH)
  async verify(@Req() request: ObservedRequest, @Res() reply: FastifyReply): Promise<void> {
    dropEmptyAuthorization(request.raw);
    assertDecodable(request.url);
    const question = readVerificationQuery(questionOf(request));
    if (hasManyAuthorizations(request.raw)) {
      throw invalidRequest('the request has more than one Authorization header');
    }
    const { session, scope, claims } = await this.verified(request.headers.authorization, question);
    request.clientId = session.clientId;
    reply
      .code(200)
      .headers({
        'cache-control': 'no-store',
        'x-client-id': session.clientId,
        'x-session-id': session.id,
        ...scopeHeader(scope),
        ...claimHeaders(claims),
      })
      .send();
  }

  /** RFC 9728 5.1: a rejection says where the caller learns how to get a token, and for which scope. */
  private async verified(
    authorization: string | undefined,
    question: VerificationQuery,
  ): Promise<VerifiedToken> {
    try {
      return await this.verification.verify(readBearerToken(authorization), question);
    } catch (error) {
      if (!(error instanceof BearerError)) throw error;
      const { items, audiences } = question;
      throw error.at(items, await this.resources.metadataUrlFor(items, audiences));
    }
  }
}

/** Ignoring a misspelt parameter would check less than was meant. A token in the URL is not accepted: 401. */
function questionOf({ query, headers }: FastifyRequest): Record<string, unknown> {
  const question = query as Record<string, unknown>;
  for (const name in question) {
    if (PARAMETERS.has(name)) continue;
    if (name !== 'access_token' || headers.authorization !== undefined) throw notTaken(name);
  }
  return question;
}

/**
 * `scope` and `audience`, each repeatable, at least one of them. An empty value was probably meant to contain
 * something.
 */
function readVerificationQuery({ scope, audience, claims }: Record<string, unknown>): VerificationQuery {
  const scopes = values(scope);
  const audiences = values(audience);
  if (scopes.length === 0 && audiences.length === 0) throw invalidRequest('scope or audience is required');
  if (scopes.some(isEmpty) || audiences.some(isEmpty)) {
    throw invalidRequest('a scope or an audience is empty');
  }
  return {
    items: parseScope(scopes.join(' ')),
    audiences: audiences.length > 1 ? [...new Set(audiences)] : audiences,
    claims: claims === undefined ? NONE : readClaimNames(values(claims)),
  };
}

const notTaken = (name: string) =>
  invalidRequest(
    `the parameter ${printable(name).slice(0, MAX_SHOWN_NAME_LENGTH)} is not supported: use only scope, audience and claims`,
  );

/** The framework leaves text that it cannot decode unchanged. */
function assertDecodable(url: string): void {
  if (!url.includes('%')) return;
  const query = url.slice(url.indexOf('?') + 1);
  for (const parameter of query.split('&')) {
    const [name = '', value = ''] = parameter.split(/=(.*)/s, 2);
    const known = decodePart(name);
    if (known !== undefined && PARAMETERS.has(known) && decodePart(value) === undefined)
      throw invalidRequest(`${known} is not percent-encoded UTF-8`);
  }
}

const NONE: readonly string[] = [];

/** Most requests have one value of one parameter, for which no other list is made. */
function values(value: unknown): readonly string[] {
  if (value === undefined) return NONE;
  if (typeof value === 'string') return [value];
  return [value].flat().filter((one): one is string => typeof one === 'string');
}

const isEmpty = (value: string): boolean => value.trim() === '';

/** Part of a scope could be mistaken for all of it, so one that is too long is omitted, and the response says so. */
function scopeHeader(scope: readonly string[] | null): Record<string, string> {
  if (scope === null) return {};
  const header = scope.join(' ');
  return header.length > MAX_SCOPE_HEADER_BYTES ? { 'x-scope-omitted': 'too-long' } : { 'x-scope': header };
}
