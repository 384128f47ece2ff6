import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { printable } from '../../packages/protocol/src/error-description.js';
import { isOwnType } from '../../packages/protocol/src/own-type.js';
import { Log } from '../config/log.js';
import { Outage } from '../database/outage.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { Problem } from '../protocol/problem.js';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { addressHint } from './address-hints.js';
import { sendProblem } from './admin/answer/problem-answer.js';
import { supportedTypes } from './admin/body/body-reader.js';
import { sendOAuthError } from './oauth/oauth-answer.js';
import { OAUTH_TYPES } from './oauth/oauth-parameters.js';
import { logFault } from './request/fault-log.js';
import type { RouteTable } from './route-table.js';

const FRAMEWORK_FAULTS: Readonly<Record<number, string>> = {
  400: 'the request cannot be read',
  404: 'no resource exists at this path',
  405: 'this method is not allowed at this path',
  408: 'the request did not arrive in time: its headers must within 10 seconds, its body within 30',
  413: 'the body is too large',
  414: 'the request target is too long',
  415: 'the media type of the body is not supported',
  431: 'the header is too large',
};

/** Writes the errors that no controller handles: unknown paths, and requests that the framework rejected before routing. */
@Catch()
@Injectable()
export class FallbackFilter implements ExceptionFilter {
  constructor(
    readonly log: Log,
    readonly outage: Outage,
    private readonly routes: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error instanceof TemporarilyUnavailable) reply.header('retry-after', String(error.retryAfterSeconds));
    sendFault(reply, this.toOAuthError(error, reply));
  }

  private toOAuthError(error: unknown, reply: FastifyReply): OAuthError {
    const status = this.statusOf(error, reply);
    if (FRAMEWORK_FAULTS[status]) return frameworkFault(status, this.hintFor(status, reply));
    logFault(this, error, reply.request);
    return error instanceof TemporarilyUnavailable
      ? new OAuthError('temporarily_unavailable', 503, 'the server is temporarily unavailable')
      : new OAuthError('server_error', 500, 'internal server error');
  }

  /** Requests with credentials are never redirected; the message names the right path instead. */
  private hintFor(status: number, { request }: FastifyReply): string | undefined {
    const path = pathOf(request.url);
    if (status === 415) return `the body must be ${typesFor(path, request.method)}, in UTF-8`;
    const near = status === 404 ? this.routes.near(path) : undefined;
    if (near !== undefined) return `did you mean ${printable(near)}?`;
    return status === 404 || status === 405 ? addressHint(request.method, path) : undefined;
  }

  private statusOf(error: unknown, reply: FastifyReply): number {
    const { statusCode, status } = (error ?? {}) as { statusCode?: unknown; status?: unknown };
    const code = Number(statusCode ?? status ?? 500);
    const methods = code === 404 ? this.routes.methodsAt(pathOf(reply.request.url)) : [];
    if (methods.length === 0 || methods.includes(reply.request.method)) return code;
    reply.header('allow', methods.join(', '));
    return 405;
  }
}

const typesFor = (path: string, method: string): string =>
  isAdministrators(path) ? supportedTypes(method) : OAUTH_TYPES;

/** The error for a fault that the HTTP layer detected; its own message is never sent. */
export function frameworkFault(status: number, hint?: string): OAuthError {
  const known = FRAMEWORK_FAULTS[status] === undefined ? 400 : status;
  const message = FRAMEWORK_FAULTS[known] as string;
  return new OAuthError('invalid_request', known, hint === undefined ? message : `${message}: ${hint}`);
}

/** In the format of the API that the path belongs to. */
export function sendFault(reply: FastifyReply, fault: OAuthError): void {
  if (isAdministrators(pathOf(reply.request.url))) sendProblem(reply, problemOf(fault));
  else sendOAuthError(reply, fault);
}

/** The decision point of AuthZEN, whose callers are administrators. */
const DECISION_POINT = 'access';

/** An operation on the server itself, such as `/$overview`. */
const OPERATION = /^(?:\$|%24)/;

/** Whether a path belongs to the administration API, whose errors are problem documents. */
export function isAdministrators(path: string): boolean {
  const first = path.split('/')[1] ?? '';
  return path === '/' || isOwnType(first) || first === DECISION_POINT || OPERATION.test(first);
}

export const problemOf = ({ status, description }: OAuthError): Problem =>
  new Problem(status, STATUS_CODES[status] as string, description);

export const pathOf = (url: string): string => url.split(/[?#]/, 1)[0] as string;
