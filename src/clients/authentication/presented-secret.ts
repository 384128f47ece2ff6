import { isMadeSecret } from '../../crypto/handle.js';
import { WrongCredential } from '../../protocol/invalid-client.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { SecretCredential } from '../client-credential.js';
import { invalidityOf } from '../client-validity.js';
import type { RegisteredClient, RegisteredSecret } from '../registered-client.js';

/** A credential with its client, which is loaded once per request. */
export interface PresentedSecret extends SecretCredential {
  /** The Authorization header it was sent in, if the header is to be cached. */
  header: string | undefined;
  registered: RegisteredClient | undefined;
  /** The client's secrets that have not expired. */
  secrets: readonly RegisteredSecret[];
  digest: Buffer;
}

/**
 * The cache key of a credential, for every method. It contains the version of the client and the ids of its live secrets,
 * so that any change of them invalidates the entry.
 */
export function textOf(
  { clientId, clientSecret, secretAsSent }: SecretCredential,
  registered: RegisteredClient | undefined,
  secrets: readonly RegisteredSecret[],
): string {
  const checkedAgainst = [registered?.client.version, ...secrets.map(({ id }) => id)];
  return JSON.stringify([clientId, clientSecret, secretAsSent, checkedAgainst]);
}

/** A generated secret has one reading: form-decoding changes none of its characters. */
export const readingsOf = ({ clientSecret, secretAsSent }: SecretCredential): string[] =>
  secretAsSent === undefined || isMadeSecret(clientSecret) ? [clientSecret] : [clientSecret, secretAsSent];

export const wrongSecret = ({ registered, secrets }: PresentedSecret): WrongCredential => {
  const cause = secrets.length > 0 ? 'wrong secret' : 'the client has no secret that is valid now';
  if (!registered) return new WrongCredential('unknown client', false);
  return new WrongCredential(invalidityOf(registered.client) ?? cause, true);
};

export const isLive = ({ expiresAt }: RegisteredSecret): boolean =>
  expiresAt === null || expiresAt > nowMilliseconds();
