import type { ClientAuthMethod } from '../../protocol/client-auth-method.js';
import type { Client } from '../client.js';
import { invalidityOf } from '../client-validity.js';

/** Why a client may not authenticate by this method now; undefined if it may. */
export function refusalOf(client: Client, method: ClientAuthMethod): string | undefined {
  const invalidity = invalidityOf(client);
  if (invalidity !== undefined) return invalidity;
  const { tokenEndpointAuthMethod: only } = client;
  return only === null || only === method
    ? undefined
    : `the client must authenticate with ${only}, not ${method}`;
}
