import { Injectable } from '@nestjs/common';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import type { Policy } from '../../policies/policy.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { betweenSlices } from '../../runtime/slices.js';
import type { Writer } from '../access/writer.js';
import { ConfigurationType, type Write } from '../configuration/configuration-type.js';
import { NOTHING_ELSE, type Removal } from '../configuration/removal.js';
import { unknownClients } from '../documents/client-reference.dto.js';
import { MembersReading } from '../documents/members.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { disagreements } from '../documents/written.dto.js';
import { PrivilegeEscalationGuard } from '../escalation/privilege-escalation-guard.js';
import { PolicyMembers } from './policy.dto.js';
import { policyOf, policyView } from './policy.wire.js';
import { contradictions, exceptFaults, unregistered } from './policy-faults.js';

/** Policies in the administration API. */
@Injectable()
export class PolicyType extends ConfigurationType<Policy> {
  readonly name = 'AccessPolicy';
  readonly members = PolicyMembers;
  protected override readonly keptNulls = ['resourceType', 'id', 'except'];
  protected override readonly shownMembers = ['except'];
  readonly kinds = ['policies'] as const;
  readonly kindsOfRemoval = ['policies'] as const;

  constructor(
    private readonly policies: PoliciesRepository,
    private readonly clients: ClientsRepository,
    private readonly catalog: ResourceCatalog,
    private readonly escalation: PrivilegeEscalationGuard,
  ) {
    super();
  }

  find(id: string): Promise<Policy | null> {
    return this.policies.find(id);
  }

  findMany(ids: readonly string[]): Promise<Policy[]> {
    return this.policies.findMany(ids);
  }

  view(policy: Policy): JsonObject {
    return policyView(policy);
  }

  async prepare(): Promise<undefined> {
    return undefined;
  }

  /** Yields between its steps, because each of them can take milliseconds for thousands of rules. */
  async save(write: Write<Policy, undefined>): Promise<Policy> {
    const { writer, id, current, body } = write;
    await betweenSlices();
    const reading = new MembersReading(PolicyMembers, body);
    await betweenSlices();
    reading.add(disagreements(body, this.name, id));
    reading.add(contradictions(body));
    reading.add(exceptFaults(body, current));
    reading.add(await unknownClients(body.link, 'link', this.clients));
    reading.add(unregistered(body.rules, await this.catalog.load()));
    const policy = policyOf(reading.take(), id, current, nowMilliseconds());
    await betweenSlices();
    if (this.isStored(policy, current, write)) return current;
    await betweenSlices();
    const isWhole = this.isJudgedWhole(write);
    if (isWhole) await this.escalation.assertPolicyChange(writer, { before: current, after: null });
    await betweenSlices();
    await this.escalation.assertPolicyChange(writer, { before: isWhole ? null : current, after: policy });
    await betweenSlices();
    const stored = await this.policies.save(policy);
    await betweenSlices();
    await this.escalation.assertNoLockOut();
    await betweenSlices();
    return stored;
  }

  async remove(writer: Writer, policy: Policy): Promise<Removal> {
    await betweenSlices();
    await this.escalation.assertPolicyChange(writer, { before: policy, after: null });
    await this.policies.remove(policy.id);
    await betweenSlices();
    await this.escalation.assertNoLockOut();
    return NOTHING_ELSE;
  }
}
