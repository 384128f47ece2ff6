import type { FastifyRequest } from 'fastify';
import type { PresentedSecret } from '../../clients/authentication/client-authenticator.js';
import type { Client } from '../../clients/client.js';
import type { OAuthParameters } from './oauth-parameters.js';

/** A request to an OAuth endpoint; the guard adds what it has read. */
export interface OAuthHttpRequest extends FastifyRequest {
  parameters?: OAuthParameters;
  /** The secret that passport's strategy verifies. */
  presented?: PresentedSecret;
  user?: Client;
}
