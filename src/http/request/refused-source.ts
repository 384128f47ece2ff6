import type { FastifyRequest } from 'fastify';
import { TooManyFailures } from '../../clients/authentication/too-many-failures.js';
import { InvalidClient } from '../../protocol/invalid-client.js';
import { RefusedAssertion } from '../../protocol/refused-assertion.js';
import { auditableClientId } from './auditable-client-id.js';
import { clientAddress, remoteAddress } from './remote-address.js';

/** The source of a rejected request, the client it named and the reason, as audited. */
export interface RefusedSource {
  address: string;
  network: string;
  authenticated: boolean;
  registered: boolean;
  clientId?: string;
  presented?: string;
  explanation?: { explanation: string };
}

/** A limited address is audited as one event, whichever ids it presents. */
export function refusedSource(
  error: unknown,
  request: FastifyRequest,
  presentedId: () => string | undefined,
): RefusedSource {
  const isOfAddress = error instanceof TooManyFailures && error.scope === 'address';
  const isKnown = error instanceof InvalidClient || error instanceof TooManyFailures;
  const registered = isKnown && error.registered && !isOfAddress;
  return {
    address: clientAddress(request),
    network: remoteAddress(request),
    authenticated: false,
    registered,
    ...(isOfAddress ? {} : auditableClientId(presentedId(), registered)),
    ...(error instanceof InvalidClient || error instanceof RefusedAssertion
      ? { explanation: { explanation: error.explanation } }
      : {}),
    ...(isOfAddress ? { explanation: { explanation: 'too many wrong secrets from this address' } } : {}),
  };
}
