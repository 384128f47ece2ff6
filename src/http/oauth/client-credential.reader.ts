import type { ClientCredential, SecretCredential } from '../../clients/client-credential.js';
import type { AcceptedAudience } from '../../clients/private-key-jwt/assertion-claims.js';
import { type AssertionType, isAssertionType } from '../../protocol/client-assertion.js';
import { InvalidClient } from '../../protocol/invalid-client.js';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { readFormBasicHeader, withBasicScheme } from '../request/basic-header.js';
import type { Endpoint } from './dialect-endpoints.js';
import type { OAuthParameters } from './oauth-parameters.js';

/**
 * Reads the one credential of a request: the Basic header, client_id and client_secret in the body, or an assertion.
 * Two methods at once are invalid_request (RFC 6749 2.3); a missing or malformed one is invalid_client.
 */
export function readClientCredential(
  authorization: string | undefined,
  parameters: OAuthParameters,
  { schemelessBasic }: Pick<Endpoint, 'schemelessBasic'>,
  audienceOf: () => AcceptedAudience,
): ClientCredential {
  const { client_id: id, client_secret: secret } = parameters;
  const asserts = parameters.client_assertion !== undefined || parameters.client_assertion_type !== undefined;
  if (secret !== undefined && asserts) throw twoMethods();
  if (authorization === undefined) {
    if (asserts) return { ...readAssertionOf(parameters), audience: audienceOf() };
    if (id === undefined || secret === undefined) throw new InvalidClient('no credentials');
    return { method: 'client_secret_post', clientId: id, clientSecret: secret };
  }
  // Any method that was sent counts, however malformed: the server never chooses between methods.
  if (secret !== undefined || asserts) throw isEmptyBasic(authorization) ? emptyBasic() : twoMethods();
  const scheme = schemelessBasic ? withBasicScheme(authorization) : undefined;
  // What only one dialect reads as Basic must not be remembered for the others.
  if (scheme !== undefined) return parseBasic(scheme, id);
  return { header: authorization, clientId: id, parse: () => parseBasic(authorization, id) };
}

function parseBasic(header: string, id: string | undefined): SecretCredential {
  const basic = readFormBasicHeader(header);
  if (!basic) throw new InvalidClient('the Authorization header is not well-formed Basic');
  if (id !== undefined && id !== basic.clientId)
    throw invalidRequest('client_id does not match the client in the Authorization header');
  return { method: 'client_secret_basic', ...basic };
}

interface PresentedAssertion {
  type: AssertionType;
  assertion: string;
  clientId: string | undefined;
}

/** RFC 7521 4.2. */
function readAssertionOf(parameters: OAuthParameters): PresentedAssertion {
  const { client_assertion: assertion, client_assertion_type: type, client_id: clientId } = parameters;
  if (assertion === undefined || !isAssertionType(type)) {
    throw new InvalidClient('client_assertion or its type is missing or unknown');
  }
  return { type, assertion, clientId };
}

/** What HTTP libraries send for an empty user and password: `Basic`, or with only a colon. */
const isEmptyBasic = (authorization: string): boolean => /^Basic(?: +Og={0,2})? *$/i.test(authorization);

const emptyBasic = () =>
  invalidRequest(
    'the Authorization header is Basic without credentials, but the body contains credentials: omit the header',
  );

const twoMethods = () => invalidRequest('the request contains more than one method of client authentication');
