import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../../audit/audit-trail.js';
import type { Client } from '../../../clients/client.js';
import type { ClientSecret } from '../../../clients/client-secret.entity.js';
import { ClientsRepository } from '../../../clients/clients.repository.js';
import { Settings } from '../../../config/settings.js';
import { nowMilliseconds } from '../../../crypto/clock.js';
import { conflict } from '../../../protocol/problem.js';
import type { SigningAlg } from '../../../protocol/signing-alg.js';
import { afterMark, allClosed } from '../../../sessions/sessions.service.js';
import { agentOf, type Caller } from '../../../tokens/permissions.js';
import { MembersReading } from '../body/members.js';
import { isObject, type JsonObject } from '../body/merge-patch.js';
import { ConfigurationType, type Write, type WriteMethod } from '../configuration/configuration-type.js';
import { Namespace } from '../configuration/namespace.js';
import { Safeguards } from '../configuration/safeguards.js';
import { disagreements } from '../configuration/written.dto.js';
import { ClientMembers } from './client.dto.js';
import { CLIENT_SEARCH } from './client.search.js';
import { clientOf, clientView } from './client.wire.js';
import { type ClientDraft, ClientDrafts } from './client-drafts.js';
import { clientKeyFaults } from './client-key.faults.js';
import { ClientRemoval } from './client-removal.js';
import { type ShownClient, ShownClients } from './shown-clients.js';

/** Clients at the administrator's door. */
@Injectable()
export class ClientType extends ConfigurationType<ShownClient, ClientDraft> {
  readonly name = 'Client';
  readonly kinds = ['clients'] as const;
  readonly kindsOfRemoval = ['clients', 'resources', 'policies'] as const;
  readonly search = CLIENT_SEARCH;

  constructor(
    private readonly clients: ClientsRepository,
    private readonly shown: ShownClients,
    private readonly drafts: ClientDrafts,
    private readonly removal: ClientRemoval,
    private readonly namespace: Namespace,
    private readonly safeguards: Safeguards,
    private readonly settings: Settings,
    private readonly trail: AuditTrail,
  ) {
    super();
  }

  find(id: string): Promise<ShownClient | null> {
    return this.shown.find(id);
  }

  findMany(ids: readonly string[]): Promise<ShownClient[]> {
    return this.shown.findMany(ids);
  }

  view(client: ShownClient): JsonObject {
    return clientView(client);
  }

  prepare(id: string, body: JsonObject, method: WriteMethod): Promise<ClientDraft> {
    return this.drafts.make(id, body, method);
  }

  /** The secret is no part of the view, so that null must reach the new form; the older name patches the newer. */
  override merge(current: ShownClient, patch: JsonObject): JsonObject {
    const merged = super.merge(current, withOneName(patch));
    return 'secret' in patch ? { ...merged, secret: patch.secret } : merged;
  }

  async save({ caller, id, current, body, prepared }: Write<ShownClient, ClientDraft>): Promise<ShownClient> {
    const reading = new MembersReading(ClientMembers, body);
    reading.add(disagreements(body, this.name, id));
    reading.add(clientKeyFaults(body, this.settings.allowPrivateJwksUri));
    const client = clientOf(reading.take(), id, current, nowMilliseconds());
    if (!current) {
      if (prepared.hasUnexpiredTokens)
        throw conflict(`tokens of an earlier client ${id} have not expired yet`);
      await this.namespace.refuseClientId(id);
      await this.clients.add(client);
    } else {
      await this.clients.replace(client);
    }
    const secrets = newSecrets(client, prepared);
    if (secrets) await this.clients.replaceSecrets(id, secrets);
    if (current) {
      if (changesAccess(current, client, prepared)) await this.safeguards.refuseStronger(caller, id);
      await this.safeguards.refuseLockOut();
      if (current.active && !client.active)
        await this.trail.record(allClosed(id, agentOf(caller), 'client_disabled'));
    }
    return this.shown.withSecrets(client);
  }

  async remove(caller: Caller, { id }: ShownClient): Promise<void> {
    await this.safeguards.refuseStronger(caller, id);
    await this.removal.remove(caller, id);
    await this.trail.record(allClosed(id, agentOf(caller), 'client_deleted'));
    await this.safeguards.refuseLockOut();
  }

  override shownOnce({ madeSecret }: ClientDraft): JsonObject {
    return madeSecret === undefined ? {} : { secret: madeSecret };
  }

  override signingAlg({ clientCredentials }: Client): SigningAlg | undefined {
    return clientCredentials.signingAlg;
  }

  override settle({ sessionsClosedBefore }: Client): Promise<void> {
    return afterMark(sessionsClosedBefore);
  }
}

/** The secrets that take the place of all others; nothing when those stay. A client that signs has none. */
function newSecrets(
  { tokenEndpointAuthMethod: method }: Client,
  { secret }: ClientDraft,
): ClientSecret[] | undefined {
  if (method === 'private_key_jwt' || secret === null) return [];
  return secret && [secret];
}

/** Whoever could change these could become the client, or keep it out. */
function changesAccess(before: Client, after: Client, { secret }: ClientDraft): boolean {
  return (
    secret !== undefined ||
    before.active !== after.active ||
    authenticationOf(before) !== authenticationOf(after) ||
    [...before.grantTypes].sort().join() !== [...after.grantTypes].sort().join()
  );
}

const authenticationOf = ({ tokenEndpointAuthMethod, jwks, jwksUri, assertionAudience }: Client): string =>
  JSON.stringify([tokenEndpointAuthMethod, jwks, jwksUri, assertionAudience]);

function withOneName(patch: JsonObject): JsonObject {
  const credentials = isObject(patch.auth) ? patch.auth.client_credentials : undefined;
  if (!isObject(credentials) || !('token_expiration' in credentials)) return patch;
  const { token_expiration: older, ...rest } = credentials;
  if ('access_token_expiration' in rest) return patch;
  return {
    ...patch,
    auth: { ...(patch.auth as JsonObject), client_credentials: { ...rest, access_token_expiration: older } },
  };
}
