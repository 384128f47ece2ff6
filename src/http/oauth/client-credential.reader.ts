import type { ClientCredential } from '../../clients/client-authenticator.js';
import { invalidClient, invalidRequest } from '../../protocol/oauth-error.js';
import { readBasicHeader, withBasicScheme, writeBasicHeader } from './basic-header.js';
import type { Endpoint } from './doors.js';
import type { OAuthParameters } from './oauth-parameters.js';

/** How a client presented itself, and for Basic the header in the one form that is read by everybody. */
export interface PresentedCredential {
  credential: ClientCredential;
  basicHeader?: string;
}

/**
 * Reads the one credential of a request: the Basic header, or client_id and client_secret in the body.
 * Two methods at once are invalid_request (RFC 6749 2.3); none, or a malformed one, is invalid_client.
 */
export function readClientCredential(
  authorization: string | undefined,
  parameters: OAuthParameters,
  { schemelessBasic }: Pick<Endpoint, 'schemelessBasic'>,
): PresentedCredential {
  const { client_id: id, client_secret: secret, client_assertion: assertion } = parameters;
  if (secret !== undefined && assertion !== undefined) throw twoMethods();
  if (authorization === undefined) {
    if (id === undefined || secret === undefined) throw invalidClient();
    return { credential: { method: 'client_secret_post', clientId: id, clientSecret: secret } };
  }
  if (secret !== undefined || assertion !== undefined) throw twoMethods();
  const header = (schemelessBasic && withBasicScheme(authorization)) || authorization;
  const basic = readBasicHeader(header);
  if (!basic) throw invalidClient();
  if (id !== undefined && id !== basic.clientId) throw invalidRequest('client_id names another client');
  // What only one door reads as Basic must not be recognised at the others.
  const known = header === authorization ? { header } : {};
  return {
    credential: { method: 'client_secret_basic', ...basic, ...known },
    basicHeader: writeBasicHeader(basic),
  };
}

const twoMethods = () => invalidRequest('the client authenticates by more than one method');
