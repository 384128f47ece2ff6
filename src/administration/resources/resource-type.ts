import { Injectable } from '@nestjs/common';
import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import type { SigningAlg } from '../../../packages/protocol/src/signing-alg.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { assertNoFaults, conflict } from '../../protocol/problem.js';
import type { Catalog } from '../../resources/catalog.js';
import { FormerOperationsRepository } from '../../resources/former-operations.repository.js';
import type { Resource } from '../../resources/resource.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { ResourcesRepository } from '../../resources/resources.repository.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { betweenSlices } from '../../runtime/slices.js';
import type { Writer } from '../access/writer.js';
import { ClaimSums } from '../configuration/claim-sums.js';
import { ConfigurationType, DESCRIPTIVE, type Write } from '../configuration/configuration-type.js';
import { Namespace } from '../configuration/namespace.js';
import { NOTHING_ELSE, type Removal } from '../configuration/removal.js';
import { audienceFaults } from '../documents/audience.faults.js';
import { claimFaults } from '../documents/claims.faults.js';
import { unknownClients } from '../documents/client-reference.dto.js';
import { MembersReading } from '../documents/members.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { disagreements } from '../documents/written.dto.js';
import { PrivilegeEscalationGuard } from '../escalation/privilege-escalation-guard.js';
import { operationNameFaults } from './operation-names.js';
import { ResourceMembers } from './resource.dto.js';
import { resourceOf, resourceView } from './resource.wire.js';
import { ResourceUse } from './resource-use.js';

/** Resources in the administration API, including the server's own types, which are read-only. */
@Injectable()
export class ResourceType extends ConfigurationType<Resource> {
  readonly name = 'Resource';
  readonly members = ResourceMembers;
  /** The owner of a resource could not change its operations if it had to be permitted to delete all of them. */
  protected override readonly judgedByDifference = new Set([...DESCRIPTIVE, 'operations']);
  readonly kinds = ['resources'] as const;
  readonly kindsOfRemoval = ['resources'] as const;

  constructor(
    private readonly resources: ResourcesRepository,
    private readonly clients: ClientsRepository,
    private readonly namespace: Namespace,
    private readonly use: ResourceUse,
    private readonly catalog: ResourceCatalog,
    private readonly claimSums: ClaimSums,
    private readonly former: FormerOperationsRepository,
    private readonly escalation: PrivilegeEscalationGuard,
  ) {
    super();
  }

  find(id: string): Promise<Resource | null> {
    return this.resources.find(id);
  }

  findMany(ids: readonly string[]): Promise<Resource[]> {
    return this.resources.findMany(ids);
  }

  view(resource: Resource): JsonObject {
    return resourceView(resource);
  }

  async prepare(): Promise<undefined> {
    return undefined;
  }

  /** Yields between its steps, because each of them can take milliseconds for thousands of operations. */
  async save(write: Write<Resource, undefined>): Promise<Resource> {
    const { writer, id, current, body } = write;
    assertNotOwnType(id);
    await betweenSlices();
    const stored = await this.catalog.load();
    const isWhole = this.isJudgedWhole(write);
    const before = isWhole ? null : current;
    const catalog = isWhole ? stored.without(id) : stored;
    await betweenSlices();
    const reading = new MembersReading(ResourceMembers, body);
    await betweenSlices();
    reading.add(disagreements(body, this.name, id));
    reading.add(audienceFaults('audience', body.audience, before?.audience));
    reading.add(claimFaults(body.claims));
    reading.add(operationNameFaults(body.operations, id, before, catalog));
    await betweenSlices();
    reading.add(await unknownClients(body.introspection_clients, 'introspection_clients', this.clients));
    const resource = resourceOf(reading.take(), id, current, nowMilliseconds());
    if (this.isStored(resource, current, write)) return current;
    await betweenSlices();
    assertNoFaults(await this.claimSums.faultsOfResource(resource, catalog));
    if (isWhole) await this.escalation.assertResourceChange(writer, { before: current, after: null }, stored);
    const change = { before, after: resource, replaced: isWhole ? current : null };
    await this.escalation.assertResourceChange(writer, change, catalog);
    await betweenSlices();
    await this.assertFreeNames(writer, resource, catalog);
    if (current) {
      await this.use.assertDroppable(current, resource);
      await betweenSlices();
      await this.resources.replace(resource);
    } else {
      await this.resources.add(resource);
    }
    await this.former.record(current, resource, stored);
    await betweenSlices();
    return resource;
  }

  /** Its audience and its URI; stored ones stay valid, whatever the current comparison. */
  private async assertFreeNames(writer: Writer, resource: Resource, catalog: Catalog): Promise<void> {
    const { id, audience, uri } = resource;
    const before = catalog.find(id);
    const others = catalog.without(id);
    if (audience !== null) {
      await this.namespace.assertFreeAudience(audience);
      if (audience !== before?.audience) this.namespace.assertOneSpelling(audience, others);
    }
    if (uri == null || (uri === before?.uri && audience === before.audience)) return;
    await this.escalation.assertUri(writer, uri, catalog);
    this.namespace.assertFreeUri(uri, audience, others);
  }

  async remove(writer: Writer, resource: Resource): Promise<Removal> {
    assertNotOwnType(resource.id);
    const change = { before: resource, after: null };
    await betweenSlices();
    const catalog = await this.catalog.load();
    await this.escalation.assertResourceChange(writer, change, catalog);
    await this.use.assertRemovable(resource);
    await this.resources.remove(resource.id);
    await this.former.record(resource, null, catalog);
    return NOTHING_ELSE;
  }

  override signingAlg({ token }: Resource): SigningAlg | undefined {
    return token.signingAlg;
  }
}

function assertNotOwnType(id: string): void {
  if (isOwnType(id)) throw conflict(`${id} is one of the server's own types, which are read-only`);
}
