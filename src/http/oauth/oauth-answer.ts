import type { FastifyReply } from 'fastify';
import type { BearerError } from '../../protocol/bearer-error.js';
import type { OAuthError } from '../../protocol/oauth-error.js';
import { bearerChallenge } from '../request/bearer.js';
import { isFromBrowser } from '../request/browser-request.js';

/** RFC 6749 5.1: responses of a token endpoint are never cached. */
const HEADERS = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'content-type': 'application/json; charset=utf-8',
} as const;

export const BASIC_CHALLENGE = 'Basic realm="latchkey", charset="UTF-8"';
/** A scheme that no browser supports: a 401 requires a challenge (RFC 9110 15.5.2), and this one opens no dialog. */
const BROWSER_CHALLENGE = 'Client realm="latchkey"';

export const sendOAuthAnswer = (reply: FastifyReply, status: number, body: object): void =>
  sendOAuthText(reply, status, JSON.stringify(body));

/** Sends a body that is already JSON text. */
export function sendOAuthText(reply: FastifyReply, status: number, body: string): void {
  reply.code(status).headers(HEADERS).send(body);
}

/** Sends a response that is a JWT, such as RFC 9701's. */
export function sendJwtAnswer(reply: FastifyReply, contentType: string, jwt: string): void {
  reply
    .code(200)
    .headers({ ...HEADERS, 'content-type': contentType })
    .send(jwt);
}

/** Sends an error as defined in RFC 6749 5.2, with the challenge that a 401 requires (RFC 9110 15.5.2). */
export function sendOAuthError(reply: FastifyReply, error: OAuthError): void {
  if (error.status === 401) {
    const challenge = isFromBrowser(reply.request.headers) ? BROWSER_CHALLENGE : BASIC_CHALLENGE;
    reply.header('www-authenticate', challenge);
  }
  reply.headers(error.headers);
  sendOAuthAnswer(reply, error.status, {
    error: error.code,
    error_description: error.description,
    ...error.members,
  });
}

/** Rejects a protected request (RFC 6750 3); the body repeats the challenge for people. */
export function sendBearerError(reply: FastifyReply, error: BearerError): void {
  reply.header('www-authenticate', bearerChallenge(error));
  sendOAuthAnswer(reply, error.status, {
    error: error.code ?? 'invalid_request',
    error_description: error.description,
  });
}
