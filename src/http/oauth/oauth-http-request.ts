import type { FastifyRequest } from 'fastify';
import type { PresentedSecret } from '../../clients/authentication/client-authenticator.js';
import type { Client } from '../../clients/client.js';
import type { OAuthParameters } from './oauth-parameters.js';

/** A request at an OAuth endpoint; the guard fills in what it has read. */
export interface OAuthHttpRequest extends FastifyRequest {
  parameters?: OAuthParameters;
  /** What passport's strategy is to check. */
  presented?: PresentedSecret;
  user?: Client;
}
