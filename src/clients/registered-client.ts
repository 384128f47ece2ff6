import { numberOrNull, textOrNull } from '../database/column-types.js';
import type { Row, RowsLookup } from '../database/row-reader.js';
import type { Client } from './client.js';
import type { ClientSecret } from './client-secret.entity.js';

export interface RegisteredClient {
  client: Client;
  secrets: readonly ClientSecret[];
}

/** A client and its secrets: one row for each secret, one without where there is none. */
export const REGISTERED_CLIENT: RowsLookup = {
  select: `
    SELECT c.id, c.version, c.created_at, c.updated_at, c.name, c.active, c.grant_types,
      c.token_endpoint_auth_method, c.jwks, c.jwks_uri, c.assertion_audience, c.client_credentials, c.token_quota,
      c.sessions_closed_before, s.id AS secret_id, s.pepper_id, s.digest, s.created_at AS secret_created_at,
      s.expires_at, s.last_used_at
    FROM client c LEFT JOIN client_secret s ON s.client_id = c.id`,
  by: 'c.id',
  column: 'id',
};

export function registeredClientOf(rows: readonly Row[]): RegisteredClient | undefined {
  const [row] = rows;
  if (!row) return undefined;
  return { client: clientOf(row), secrets: rows.filter(({ secret_id }) => secret_id !== null).map(secretOf) };
}

const clientOf = (row: Row): Client => ({
  id: String(row.id),
  version: Number(row.version),
  createdAt: Number(row.created_at),
  updatedAt: Number(row.updated_at),
  name: textOrNull(row.name),
  active: Number(row.active) === 1,
  grantTypes: JSON.parse(String(row.grant_types)),
  tokenEndpointAuthMethod: textOrNull(row.token_endpoint_auth_method) as Client['tokenEndpointAuthMethod'],
  jwks: jsonOrNull(row.jwks),
  jwksUri: textOrNull(row.jwks_uri),
  assertionAudience: textOrNull(row.assertion_audience) as Client['assertionAudience'],
  clientCredentials: JSON.parse(String(row.client_credentials)),
  tokenQuota: jsonOrNull(row.token_quota),
  sessionsClosedBefore: Number(row.sessions_closed_before),
});

const secretOf = (row: Row): ClientSecret => ({
  id: String(row.secret_id),
  clientId: String(row.id),
  pepperId: textOrNull(row.pepper_id),
  digest: String(row.digest),
  createdAt: Number(row.secret_created_at),
  expiresAt: numberOrNull(row.expires_at),
  lastUsedAt: numberOrNull(row.last_used_at),
});

const jsonOrNull = <T>(value: unknown): T | null =>
  textOrNull(value) === null ? null : JSON.parse(String(value));
