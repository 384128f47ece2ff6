import { refusalOf } from '../../clients/authentication/method-refusal.js';
import type { Client } from '../../clients/client.js';

/** Why a client may not call the administration API by Basic; undefined if it may. */
export const basicRefusalOf = (client: Client): string | undefined =>
  refusalOf(client, 'client_secret_basic') ??
  (client.grantTypes.includes('basic') ? undefined : 'basic is not among its grant_types');
