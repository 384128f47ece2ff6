import { numberOrNull, textOrNull } from '../database/columns/column-types.js';
import { parsedOnce } from '../database/parsed-once.js';
import type { RowsLookup, Values } from '../database/row-reader.js';
import type { Client } from './client.js';
import type { ClientSecret } from './client-secret.entity.js';

/** The columns that verifying a secret needs. */
export type RegisteredSecret = Pick<ClientSecret, 'id' | 'pepperId' | 'digest' | 'expiresAt'>;

export interface RegisteredClient {
  client: Client;
  secrets: readonly RegisteredSecret[];
}

/** A client joined with its secrets: one row per secret, or one row without. */
export const REGISTERED_CLIENT: RowsLookup = {
  sql: (places) => `
    SELECT c.id, c.version, c.created_at, c.updated_at, c.name, c.active, c.expires_at, c.grant_types,
      c.token_endpoint_auth_method, c.jwks, c.jwks_uri, c.assertion_audience, c.client_credentials, c.token_quota,
      c.claims, c.session_generation, c.federated, s.id, s.pepper_id, s.digest, s.expires_at
    FROM client c LEFT JOIN client_secret s ON s.client_id = c.id WHERE c.id IN (${places})`,
};

/** The position of the secret's id, after the columns of the client. */
const SECRET_ID = 17;

export function registeredClientOf(rows: readonly Values[]): RegisteredClient | undefined {
  const [row] = rows;
  if (!row) return undefined;
  return { client: clientOf(row), secrets: rows.filter((each) => each[SECRET_ID] !== null).map(secretOf) };
}

function clientOf(row: Values): Client {
  const [id, version, createdAt, updatedAt, name, active, expiresAt, grantTypes, authMethod, ...others] = row;
  const [jwks, jwksUri, audience, clientCredentials, tokenQuota, claims, sessionGeneration, federated] =
    others;
  return {
    id: String(id),
    version: Number(version),
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
    name: textOrNull(name),
    active: Number(active) === 1,
    expiresAt: numberOrNull(expiresAt),
    grantTypes: parsedOnce(String(grantTypes)),
    tokenEndpointAuthMethod: textOrNull(authMethod) as Client['tokenEndpointAuthMethod'],
    jwks: jsonOrNull(jwks),
    jwksUri: textOrNull(jwksUri),
    assertionAudience: textOrNull(audience) as Client['assertionAudience'],
    federated: textOrNull(federated) === null ? null : parsedOnce(String(federated)),
    clientCredentials: parsedOnce(String(clientCredentials)),
    tokenQuota: jsonOrNull(tokenQuota),
    claims: textOrNull(claims) === null ? null : parsedOnce(String(claims)),
    sessionGeneration: Number(sessionGeneration),
  };
}

function secretOf(row: Values): RegisteredSecret {
  const [id, pepperId, digest, expiresAt] = row.slice(SECRET_ID);
  return {
    id: String(id),
    pepperId: textOrNull(pepperId),
    digest: String(digest),
    expiresAt: numberOrNull(expiresAt),
  };
}

const jsonOrNull = <T>(value: unknown): T | null =>
  textOrNull(value) === null ? null : JSON.parse(String(value));
