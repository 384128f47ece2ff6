import type { ClientAuthMethod } from '../../protocol/client-auth-method.js';
import type { Client } from '../client.js';

export const DISABLED = 'the client is disabled';

/** Why a client may not authenticate by this method now; undefined if it may. */
export function refusalOf(
  { active, tokenEndpointAuthMethod: only }: Client,
  method: ClientAuthMethod,
): string | undefined {
  if (!active) return DISABLED;
  return only === null || only === method
    ? undefined
    : `the client must authenticate with ${only}, not ${method}`;
}
