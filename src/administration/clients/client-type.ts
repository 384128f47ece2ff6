import { Injectable } from '@nestjs/common';
import type { SigningAlg } from '../../../packages/protocol/src/signing-alg.js';
import { AuditTrail } from '../../audit/audit-trail.js';
import type { Client, DescribedClient } from '../../clients/client.js';
import { ClientSecretsRepository } from '../../clients/client-secrets.repository.js';
import { isExpired, isValid } from '../../clients/client-validity.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { FederatedRulesRepository } from '../../clients/federation/federated-rules.repository.js';
import { TrustedIssuersRepository } from '../../clients/federation/trusted-issuers.repository.js';
import { HandOversRepository } from '../../clients/hand-over/hand-overs.repository.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { assertNoFaults, conflict } from '../../protocol/problem.js';
import { allClosed, SessionsService } from '../../sessions/sessions.service.js';
import { agentOf } from '../access/permissions.js';
import type { Writer } from '../access/writer.js';
import { ConfigurationType, type Write, type WriteMethod } from '../configuration/configuration-type.js';
import { Namespace } from '../configuration/namespace.js';
import type { Removal } from '../configuration/removal.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';
import { PrivilegeEscalationGuard } from '../escalation/privilege-escalation-guard.js';
import { ClientMembers } from './client.dto.js';
import { auditedClient, clientView } from './client.wire.js';
import { changesAccess } from './client-access.js';
import { type ClientDraft, ClientDrafts } from './client-drafts.js';
import { ClientReader } from './client-reader.js';
import { ClientRemoval } from './client-removal.js';
import { patchedUsesFaults } from './last-uses.js';
import { assertNotEnded, comparesSecrets, newSecrets } from './secrets/replaced-secrets.js';
import { patchedSecretsFaults } from './secrets/secrets.faults.js';
import { type ShownClient, ShownClients } from './shown-clients.js';

/** Clients in the administration API. */
@Injectable()
export class ClientType extends ConfigurationType<ShownClient, ClientDraft> {
  readonly name = 'Client';
  readonly members = ClientMembers;
  protected override readonly keptNulls = ['resourceType', 'id', 'active', 'secret', 'secrets'];
  protected override readonly shownMembers = ['secrets'];
  readonly kinds = ['clients'] as const;
  readonly kindsOfRemoval = ['clients', 'resources', 'policies'] as const;

  constructor(
    private readonly clients: ClientsRepository,
    private readonly stored: ClientSecretsRepository,
    private readonly handOvers: HandOversRepository,
    private readonly shown: ShownClients,
    private readonly drafts: ClientDrafts,
    private readonly reader: ClientReader,
    private readonly ruleIndex: FederatedRulesRepository,
    private readonly issuers: TrustedIssuersRepository,
    private readonly removal: ClientRemoval,
    private readonly namespace: Namespace,
    private readonly sessions: SessionsService,
    private readonly escalation: PrivilegeEscalationGuard,
    private readonly trail: AuditTrail,
    private readonly revision: ConfigurationRevision,
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

  override audited(client: ShownClient): JsonObject {
    return auditedClient(client);
  }

  prepare(id: string, body: JsonObject, method: WriteMethod): Promise<ClientDraft> {
    return this.drafts.make(id, body, method);
  }

  /** Counts every secret as a new one: trying secrets must not be free of consequences. */
  override rehearsed({ known: _, ...draft }: ClientDraft): ClientDraft {
    return draft;
  }

  /** The older name of a member patches the newer one. */
  override merge(current: ShownClient, patch: JsonObject): JsonObject {
    assertNoFaults([...patchedSecretsFaults(patch, current.secrets), ...patchedUsesFaults(patch)]);
    return super.merge(current, withOneName(patch));
  }

  async save(write: Write<ShownClient, ClientDraft>): Promise<ShownClient> {
    const { writer, id, current, body, prepared } = write;
    const client = await this.reader.read(id, body, current, this.storedList(write));
    const kept = current && comparesSecrets(client, prepared) ? await this.stored.of(id) : [];
    const secrets = newSecrets(client, prepared, kept);
    if (
      !secrets &&
      this.isStored({ ...client, secrets: current?.secrets ?? [], uses: current?.uses ?? [] }, current, write)
    ) {
      // Confirming by a write that a secret is right requires the same privileges as changing it.
      if (prepared.secret !== undefined) await this.escalation.assertClientChange(writer, id, client);
      return current;
    }
    if (current) {
      await this.assertPermitted(write, current, client);
      assertNotEnded(prepared, kept);
      await this.replace(writer, current, client);
    } else await this.create(writer, client);
    if (current?.federated || client.federated) await this.ruleIndex.replace(id, client.federated ?? []);
    if (prepared.secret === null) await this.stored.removeAll(id);
    else if (secrets) await this.stored.replace(id, secrets);
    if (current && changesAccess(current, client, prepared)) await this.escalation.assertNoLockOut();
    return this.shown.written(client, current, secrets !== undefined || prepared.secret === null);
  }

  /** Not for a caller that may not read it: accepting an audience would reveal that it is stored. */
  private storedList(write: Write<ShownClient, ClientDraft>): readonly string[] | undefined {
    return this.isJudgedWhole(write) ? undefined : write.current?.clientCredentials.audience;
  }

  private async assertPermitted(
    write: Write<ShownClient, ClientDraft>,
    current: ShownClient,
    client: DescribedClient,
  ): Promise<void> {
    const { writer, id, prepared } = write;
    if (this.isJudgedWhole(write)) {
      await this.escalation.assertClientChange(writer, id, null);
      // What the list of the client contained must not decide which audiences count as added.
      const { secrets: _, uses: __, ...unlisted } = current;
      const clientCredentials = { ...current.clientCredentials, audience: [] };
      await this.clients.replace({ ...unlisted, clientCredentials });
      await this.escalation.assertClientChange(writer, id, client);
    } else if (changesAccess(current, client, prepared)) {
      await this.escalation.assertClientChange(writer, id, client);
    }
  }

  private async create(writer: Writer, client: DescribedClient): Promise<void> {
    const { id } = client;
    assertFreeId(id, await this.sessions.tokensEndAt(id));
    await this.namespace.assertFreeClientId(id);
    await this.escalation.assertClientCreation(writer, client);
    await this.clients.add(client);
  }

  private async replace(writer: Writer, current: ShownClient, client: DescribedClient): Promise<void> {
    await this.clients.replace(client);
    const reason = endOfSessions(current, client);
    if (reason === undefined) return;
    if (!isValid(client)) await this.handOvers.removeOf(client.id);
    await this.clients.beginGeneration(client.id);
    await this.trail.record(allClosed(client.id, agentOf(writer.caller), reason));
  }

  async remove(writer: Writer, { id }: ShownClient): Promise<Removal> {
    await this.escalation.assertClientChange(writer, id, null);
    await this.assertNoTemplate(id);
    const removal = await this.removal.remove(writer.caller, id);
    await this.trail.record(allClosed(id, agentOf(writer.caller), 'client_deleted'));
    await this.escalation.assertNoLockOut();
    return removal;
  }

  /** Another client with its id would become the template. */
  private async assertNoTemplate(id: string): Promise<void> {
    const issuer = (await this.issuers.admitting()).find(({ admits }) =>
      admits?.some(({ template }) => template === id),
    );
    if (issuer)
      throw conflict(`Client/${id} is a template of TrustedIssuer/${issuer.id}: change its admits first`);
  }

  override async notesOfRemoval(id: string): Promise<JsonObject> {
    const tokensEndAt = await this.sessions.tokensEndAt(id);
    return tokensEndAt === undefined ? {} : { id_busy_until: new Date(tokensEndAt).toISOString() };
  }

  override shownOnce({ madeSecret }: ClientDraft): JsonObject {
    return madeSecret === undefined ? {} : { secret: madeSecret };
  }

  override signingAlg({ clientCredentials }: Client): SigningAlg | undefined {
    return clientCredentials.signingAlg;
  }

  /** When this resolves, no process issues tokens to a disabled or deleted client. */
  override async settle(client: Client | null): Promise<void> {
    if (!client || !isValid(client)) await this.revision.seenEverywhere();
  }
}

/** Why this change ends all sessions for good; those that ended by expiry stay so when the client gets more time. */
function endOfSessions(before: Client, after: Client): string | undefined {
  if (before.active && !after.active) return 'client_disabled';
  return isExpired(before) !== isExpired(after) ? 'client_expired' : undefined;
}

/** Verifiers accept JWTs of a deleted client until they expire; until then no other client may use its id. */
function assertFreeId(id: string, tokensEndAt: number | undefined): void {
  if (tokensEndAt === undefined) return;
  const until = new Date(tokensEndAt).toISOString();
  throw conflict(
    `APIs accept JWTs of the deleted client ${id} until ${until}: use another id, or repeat the request then`,
    { until },
  );
}

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
