import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AuditTrail } from '../../audit/audit-trail.js';
import { change } from '../../audit/documents.js';
import type { Client, DescribedClient } from '../../clients/client.js';
import { ClientSecrets, isLive } from '../../clients/client-secrets.js';
import { ClientSecretsRepository } from '../../clients/client-secrets.repository.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { InvalidSetting } from '../../config/invalid-setting.js';
import { Settings } from '../../config/settings.js';
import { makeSecret } from '../../crypto/handle.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { ResourcesRepository } from '../../resources/resources.repository.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { AdministrationGrant } from './administration-grant.js';

/** The id and secret of an administrator that this start has created. */
export interface MadeAdministrator {
  id: string;
  secret: string;
}

/** Prints the administrator at the start; rejects if that fails. */
export type Show = (made: MadeAdministrator) => Promise<void>;

/**
 * Creates the first administrator: on an empty database with a secret that is shown once, or with the secret of the
 * settings. A secret in the settings is ensured at each start, which recovers access.
 */
@Injectable()
export class FirstAdministrator implements OnApplicationBootstrap {
  /** Whether this start has finished creating or ensuring the administrator. */
  settled = false;

  constructor(
    private readonly settings: Settings,
    private readonly clients: ClientsRepository,
    private readonly stored: ClientSecretsRepository,
    private readonly resources: ResourcesRepository,
    private readonly secrets: ClientSecrets,
    private readonly administration: AdministrationGrant,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const secret = this.settings.adminClientSecret;
    if (secret !== undefined && !(await this.isEnsured(secret))) await this.ensure(secret);
  }

  /**
   * Runs once the server listens, so that the rest of the start cannot fail any more. The secret is shown before the
   * commit: if the process ends in between, the next start creates another one. Returns whether it created one.
   */
  async makeOnEmptyDatabase(show: Show): Promise<boolean> {
    const made = !(await this.clients.hasAny()) && (await this.make(show));
    this.settled = true;
    return made;
  }

  private async make(show: Show): Promise<boolean> {
    const id = this.settings.adminClientId;
    const secret = makeSecret();
    const row = await this.secrets.make(id, secret);
    // A retried transaction must not show it again.
    let shown: Promise<void> | undefined;
    return this.revision.change(['clients', 'policies'], async () => {
      if (await this.clients.hasAny()) return false;
      await this.add(id);
      await this.stored.replace(id, [row]);
      await this.recordClient(null, 'first_start');
      await this.administration.give(id, 'first_start');
      shown ??= show({ id, secret });
      await shown;
      return true;
    });
  }

  /** Client ids and audiences share one namespace; only the operator can choose another id. */
  private async add(id: string): Promise<void> {
    const resource = await this.resources.firstWithAudience(id);
    if (resource !== undefined) {
      const why = `${id} is the audience of the resource ${resource}; choose another id, or change that audience`;
      throw new InvalidSetting('LATCHKEY_ADMIN_CLIENT_ID', why);
    }
    await this.clients.add(administrator(id, null));
  }

  private async isEnsured(secret: string): Promise<boolean> {
    const client = await this.clients.find(this.settings.adminClientId);
    if (!client?.active || client.expiresAt !== null || !client.grantTypes.includes('basic')) return false;
    if (client.tokenEndpointAuthMethod !== null && client.tokenEndpointAuthMethod !== 'client_secret_basic') {
      return false;
    }
    if (this.isBound(client) || !(await this.administration.isHeldBy(client.id))) return false;
    const live = (await this.stored.of(client.id)).filter(isLive);
    // A second secret, or an end of this one, is the work of another client or of a rotation.
    const isOnly = live.length === 1 && live[0]?.expiresAt === null;
    return isOnly && this.secrets.matches(secret, live);
  }

  /** Whether its list of audiences keeps it from this server, or a quota limits its tokens. */
  private isBound({ clientCredentials, tokenQuota }: Client): boolean {
    return (
      clientCredentials.audience?.includes(this.settings.rootIssuer) === false || tokenQuota?.enforce === true
    );
  }

  private async ensure(secret: string): Promise<void> {
    const id = this.settings.adminClientId;
    const row = await this.secrets.make(id, secret);
    await this.revision.change(['clients', 'policies'], async () => {
      const before = await this.clients.find(id);
      if (before) await this.clients.replace(administrator(id, before));
      else await this.add(id);
      await this.stored.replace(id, [row]);
      await this.recordClient(before, 'ensured_by_settings');
      await this.administration.give(id, 'ensured_by_settings');
      if (before) await this.closeSessions();
    });
  }

  /** An attacker who locked the operator out may still have tokens of this client. */
  private async closeSessions(): Promise<void> {
    const { adminClientId: id } = this.settings;
    await this.clients.beginGeneration(id);
    await this.trail.record({
      action: 'session.close',
      outcome: 'success',
      clientId: id,
      target: { resourceType: 'Client', id },
      detail: { reason: 'ensured_by_settings', sessions: 'all' },
    });
  }

  private async recordClient(before: Client | null, reason: string): Promise<void> {
    const { adminClientId: id } = this.settings;
    const after = await this.clients.find(id);
    await this.trail.record({
      action: before ? 'client.update' : 'client.create',
      outcome: 'success',
      clientId: id,
      target: { resourceType: 'Client', id },
      detail: { reason, ...change(before && shownClient(before), after && shownClient(after)) },
    });
  }
}

/** The members that the start may change, named as in the API; the secret is never recorded. */
const shownClient = ({ id, name, active, grantTypes, tokenEndpointAuthMethod, ...client }: Client) => ({
  resourceType: 'Client',
  id,
  name,
  active,
  expires_at: client.expiresAt === null ? undefined : new Date(client.expiresAt).toISOString(),
  grant_types: grantTypes,
  token_endpoint_auth_method: tokenEndpointAuthMethod,
  audience: client.clientCredentials.audience,
  token_quota: client.tokenQuota && {
    per_hour: client.tokenQuota.perHour,
    per_day: client.tokenQuota.perDay,
  },
});

function administrator(id: string, before: DescribedClient | null): DescribedClient {
  const now = nowMilliseconds();
  const { audience: _, ...clientCredentials } = before?.clientCredentials ?? {};
  return {
    id,
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    name: before?.name ?? 'First administrator',
    description: before?.description ?? null,
    owner: before?.owner ?? null,
    labels: before?.labels ?? null,
    active: true,
    expiresAt: null,
    grantTypes: ['client_credentials', 'basic'],
    tokenEndpointAuthMethod: null,
    jwks: null,
    jwksUri: null,
    assertionAudience: null,
    federated: null,
    clientCredentials,
    tokenQuota: null,
    claims: before?.claims ?? null,
    sessionGeneration: before?.sessionGeneration ?? 0,
  };
}
