import type { ClientCredentialsSettings, DescribedClient, TokenQuota } from '../../clients/client.js';
import type { PublicKeySet } from '../../clients/private-key-jwt/keys/public-key.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { headOf, isoTime, present } from '../documents/meta.js';
import { type Stored, stampOf } from '../documents/stored.js';
import type { ClientCredentialsMembers, ClientMembers, TokenQuotaMembers } from './client.dto.js';
import { type RuleReading, rulesOf } from './federated-rules.js';
import { lastUsesView, ruleView } from './last-uses.js';
import type { ShownClient, ShownSecret } from './shown-clients.js';

/** A client as its administrator sees it: of its secrets everything but their values. */
export function clientView(client: ShownClient): JsonObject {
  const credentials = credentialsView(client.clientCredentials);
  return present({
    ...headOf('Client', client),
    name: client.name ?? undefined,
    description: client.description ?? undefined,
    owner: client.owner ?? undefined,
    labels: client.labels ?? undefined,
    active: client.active,
    expires_at: client.expiresAt === null ? undefined : isoTime(client.expiresAt),
    grant_types: client.grantTypes,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod ?? undefined,
    jwks: client.jwks ?? undefined,
    jwks_uri: client.jwksUri ?? undefined,
    assertion_audience: client.assertionAudience ?? undefined,
    federated: client.federated === null ? undefined : client.federated.map(ruleView),
    secrets: client.secrets.length > 0 ? client.secrets.map(secretView) : undefined,
    last_uses: lastUsesView(client),
    auth: Object.keys(credentials).length > 0 ? { client_credentials: credentials } : undefined,
    token_quota: client.tokenQuota === null ? undefined : quotaView(client.tokenQuota),
    claims: client.claims ?? undefined,
  });
}

/** The same for audit events: where requests came from is not a change. */
export const auditedClient = (client: ShownClient): JsonObject => clientView({ ...client, uses: [] });

export const secretView = ({ id, description, createdAt, expiresAt, lastUsedAt }: ShownSecret): JsonObject =>
  present({
    id,
    description: description ?? undefined,
    created: isoTime(createdAt),
    end: expiresAt === null ? undefined : isoTime(expiresAt),
    last_used: lastUsedAt === null ? undefined : isoTime(lastUsedAt),
  });

const quotaView = ({ perHour, perDay, enforce }: TokenQuota): JsonObject =>
  present({ per_hour: perHour, per_day: perDay, enforce });

const credentialsView = (settings: ClientCredentialsSettings): JsonObject =>
  present({
    token_format: settings.tokenFormat,
    access_token_expiration: settings.accessTokenExpirationSeconds,
    refresh_token: settings.refreshToken,
    refresh_token_expiration: settings.refreshTokenExpirationSeconds,
    refresh_token_reuse_grace: settings.refreshTokenReuseGraceSeconds,
    audience: settings.audience,
    signing_alg: settings.signingAlg,
    profile: settings.profile,
  });

/**
 * The client that results from these members. If `active` is omitted, it keeps its value; all other members are
 * reset.
 */
export function clientOf(
  members: ClientMembers,
  id: string,
  current: DescribedClient | null,
  now: number,
  issuers: RuleReading['issuers'] = new Map(),
): DescribedClient {
  const stamp: Stored = stampOf(id, current, now);
  const active = members.active ?? current?.active ?? true;
  return {
    ...stamp,
    name: members.name ?? null,
    description: members.description ?? null,
    owner: members.owner ?? null,
    labels: members.labels && Object.keys(members.labels).length > 0 ? members.labels : null,
    active,
    expiresAt: members.expires_at === undefined ? null : Date.parse(members.expires_at),
    grantTypes: [...new Set(members.grant_types ?? [])],
    tokenEndpointAuthMethod: members.token_endpoint_auth_method ?? null,
    // Already validated by clientKeyFaults.
    jwks: (members.jwks ?? null) as PublicKeySet | null,
    jwksUri: (members.jwks_uri ?? null) as string | null,
    assertionAudience: members.assertion_audience ?? null,
    federated: members.federated?.length ? rulesOf(members.federated, issuers) : null,
    clientCredentials: settingsOf(members.auth?.client_credentials ?? {}),
    tokenQuota: members.token_quota === undefined ? null : quotaOf(members.token_quota),
    claims: members.claims && Object.keys(members.claims).length > 0 ? members.claims : null,
    sessionGeneration: current?.sessionGeneration ?? 0,
  };
}

const quotaOf = (members: TokenQuotaMembers): TokenQuota => ({
  ...present({ perHour: members.per_hour, perDay: members.per_day }),
  enforce: members.enforce ?? true,
});

const settingsOf = (members: ClientCredentialsMembers): ClientCredentialsSettings =>
  present({
    tokenFormat: members.token_format,
    accessTokenExpirationSeconds: members.access_token_expiration ?? members.token_expiration,
    refreshToken: members.refresh_token,
    refreshTokenExpirationSeconds: members.refresh_token_expiration,
    refreshTokenReuseGraceSeconds: members.refresh_token_reuse_grace,
    audience: members.audience,
    signingAlg: members.signing_alg,
    profile: members.profile,
  });
