import { nowMilliseconds } from '../runtime/clock.js';
import type { Client } from './client.js';

export const DISABLED = 'the client is disabled';
export const EXPIRED = 'the client has expired';

type Validity = Pick<Client, 'active' | 'expiresAt'>;

export const isExpired = ({ expiresAt }: Pick<Client, 'expiresAt'>): boolean =>
  expiresAt !== null && expiresAt <= nowMilliseconds();

/** Why a client may not be used now; undefined if it may. The clock decides, so that no write is needed at its end. */
export function invalidityOf(client: Validity): string | undefined {
  if (!client.active) return DISABLED;
  return isExpired(client) ? EXPIRED : undefined;
}

export const isValid = (client: Validity): boolean => invalidityOf(client) === undefined;
