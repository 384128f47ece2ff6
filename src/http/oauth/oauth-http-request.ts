import type { Client } from '../../clients/client.js';
import type { AssertionIdentity } from '../../clients/federation/trusted-issuer.js';
import type { ObservedRequest } from '../request/observed-request.js';
import type { OAuthParameters } from './oauth-parameters.js';

/** A request to an OAuth endpoint; the guard adds what it has read. */
export interface OAuthHttpRequest extends ObservedRequest {
  /** When the endpoint began, once the body had arrived, by `performance.now()`. */
  startedAt?: number;
  parameters?: OAuthParameters;
  /** What passport's strategy waits for: the client, or why there is none. */
  authentication?: Promise<Client>;
  user?: Client;
  /** Of the assertion of a trusted issuer by which the client was authenticated. */
  identity?: AssertionIdentity;
  /** The `sub` of a workload whose template is the user. */
  workload?: string;
}
