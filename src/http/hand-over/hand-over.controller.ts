import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HandOverOpening, type OpenedHandOver } from '../../administration/hand-over/hand-over-opening.js';
import { Settings } from '../../config/settings.js';
import { HAND_OVER_PATH } from '../../protocol/hand-over-path.js';
import { WrongCredential } from '../../protocol/invalid-client.js';
import { invalidRequest, OAuthError } from '../../protocol/oauth-error.js';
import { NATIVE_ENDPOINTS } from '../oauth/dialect-endpoints.js';
import { sendOAuthAnswer } from '../oauth/oauth-answer.js';
import { OAuthErrorFilter } from '../oauth/oauth-error.filter.js';
import type { OAuthHttpRequest } from '../oauth/oauth-http-request.js';
import { readParameters } from '../oauth/oauth-parameters.js';
import { RefusedRequests } from '../oauth/refused-requests.js';
import { originOf } from '../request/remote-address.js';
import { PAGE, SCRIPT, SCRIPT_PATH, STYLE, STYLE_PATH } from './hand-over-page.js';

const PAGE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** Gives a new secret to the holder of its link, once. Only POST opens it: previews and scanners of links send GET. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class HandOverPageController {
  constructor(
    private readonly opening: HandOverOpening,
    private readonly refused: RefusedRequests,
    private readonly settings: Settings,
  ) {}

  @Get(HAND_OVER_PATH)
  page(@Res() reply: FastifyReply): void {
    send(reply, 'text/html', PAGE);
  }

  @Get(SCRIPT_PATH)
  script(@Res() reply: FastifyReply): void {
    send(reply, 'text/javascript', SCRIPT);
  }

  @Get(STYLE_PATH)
  style(@Res() reply: FastifyReply): void {
    send(reply, 'text/css', STYLE);
  }

  @Post(HAND_OVER_PATH)
  async open(@Req() request: OAuthHttpRequest, @Res() reply: FastifyReply): Promise<void> {
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    const { token } = readParameters(type, request.body as Buffer | undefined, encoding);
    if (token === undefined) throw invalidRequest('token is required: what follows # in the link');
    const opened = await this.opening.open(token, originOf(request)).catch((error: unknown) => {
      if (!(error instanceof WrongCredential)) throw error;
      this.refused.note(error, request);
      throw gone();
    });
    sendOAuthAnswer(reply, 200, openedView(opened, this.settings.publicUrl + NATIVE_ENDPOINTS.token));
  }
}

/** The same for every cause, so that a guess learns nothing. */
const gone = () =>
  new OAuthError('invalid_request', 404, 'the link is unknown, expired or was opened: ask for a new one');

function openedView({ client, secret }: OpenedHandOver, tokenEndpoint: string): object {
  const credentials =
    client.tokenEndpointAuthMethod === 'client_secret_post'
      ? `-d client_id=${client.id} -d client_secret=${secret}`
      : `-u '${client.id}:${secret}'`;
  return {
    client_id: client.id,
    client_secret: secret,
    token_endpoint: tokenEndpoint,
    curl: `curl ${credentials} -d grant_type=client_credentials ${tokenEndpoint}`,
  };
}

function send(reply: FastifyReply, type: string, text: string): void {
  reply.headers({ ...PAGE_HEADERS, 'content-type': `${type}; charset=utf-8` }).send(text);
}
