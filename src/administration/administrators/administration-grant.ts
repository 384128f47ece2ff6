import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { OWN_TYPES } from '../../../packages/protocol/src/own-type.js';
import { AuditTrail } from '../../audit/audit-trail.js';
import { change } from '../../audit/documents.js';
import { Log } from '../../config/log.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { appliesTo, type Policy, type Rule } from '../../policies/policy.js';
import { denyRulesOf } from '../../policies/rule-cover.js';
import { nowMilliseconds } from '../../runtime/clock.js';

/**
 * Grants the administrator of the settings everything on the server's own types. The grant does not depend on stored
 * policies; otherwise a client that could write policies could prepare what the server grants.
 */
@Injectable()
export class AdministrationGrant {
  constructor(
    private readonly policies: PoliciesRepository,
    private readonly trail: AuditTrail,
    private readonly log: Log,
  ) {}

  async isHeldBy(clientId: string): Promise<boolean> {
    const compiled = new CompiledPolicies(await this.policies.ofClient(clientId));
    return OWN_TYPES.every((resource) => compiled.grants({ resource, identifier: '*', operation: '*' }));
  }

  /** Within a change of the configuration; throws if the administrator would not hold everything afterwards. */
  async give(clientId: string, reason: string): Promise<void> {
    for (const policy of administratorPolicies(clientId)) await this.put(policy, clientId, reason);
    await this.exceptFromDenies(clientId, reason);
    if (await this.isHeldBy(clientId)) return;
    throw new Error(`the client ${clientId} cannot be granted all permissions on ${OWN_TYPES.join(', ')}`);
  }

  /** Replaces the policy of this id with one for the administrator only; its deny rules for others are kept in a new policy. */
  private async put(policy: Policy, clientId: string, reason: string): Promise<void> {
    const before = await this.policies.find(policy.id);
    const kept = before && deniesOfOthers(before, clientId);
    if (kept) {
      await this.write(null, kept, reason);
      this.log.warn(
        { policy: policy.id, keptAs: kept.id, client: clientId },
        'deny rules moved to a new policy',
      );
    }
    await this.write(
      before,
      {
        ...policy,
        version: (before?.version ?? 0) + 1,
        createdAt: before?.createdAt ?? policy.createdAt,
      },
      reason,
    );
  }

  private async exceptFromDenies(clientId: string, reason: string): Promise<void> {
    for (const { id } of await this.policies.ofClient(clientId)) {
      const before = await this.policies.find(id);
      if (!before?.rules.some(blocks)) continue;
      await this.write(before, without(before, clientId), reason);
      this.log.warn({ policy: id, client: clientId }, 'administrator excluded from a deny policy');
    }
  }

  private async write(before: Policy | null, after: Policy | null, reason: string): Promise<void> {
    const id = (after ?? before)?.id ?? '';
    if (after) await this.policies.save(after);
    else await this.policies.remove(id);
    await this.trail.record({
      action: !before ? 'policy.create' : after ? 'policy.update' : 'policy.delete',
      outcome: 'success',
      target: { resourceType: 'AccessPolicy', id },
      detail: { reason, ...change(before && shownPolicy(before), after && shownPolicy(after)) },
    });
  }
}

/** The policy for every other client, including future ones. null: it was linked to no other. */
function without(policy: Policy, clientId: string): Policy | null {
  const next = { ...policy, version: policy.version + 1, updatedAt: nowMilliseconds() };
  if (policy.everyone) return { ...next, exceptIds: [...policy.exceptIds, clientId].sort() };
  const clientIds = policy.clientIds.filter((linked) => linked !== clientId);
  return clientIds.length > 0 ? { ...next, clientIds } : null;
}

/** The deny rules of a policy for clients other than this one, as a separate policy. */
function deniesOfOthers(policy: Policy, clientId: string): Policy | null {
  const rules = denyRulesOf(policy);
  const others = appliesTo(policy, clientId) ? without(policy, clientId) : policy;
  if (rules.length === 0 || !others) return null;
  const now = nowMilliseconds();
  return { ...others, id: randomUUID(), version: 1, createdAt: now, updatedAt: now, rules };
}

/** Whether a rule denies anything on the server's own types. */
function blocks(rule: Rule): boolean {
  const alone = new CompiledPolicies([{ id: '', engine: 'rules', rules: [rule] }]);
  return OWN_TYPES.some((resource) => alone.touching({ resource, identifier: '*', operation: '*' }));
}

/** Two policies: `allow` for every registered resource, and rules on the server's own types. */
function administratorPolicies(clientId: string): Policy[] {
  const now = nowMilliseconds();
  const both = {
    version: 1,
    createdAt: now,
    updatedAt: now,
    everyone: false,
    exceptIds: [],
    clientIds: [clientId],
  };
  return [
    { ...both, id: clientId, engine: 'allow', rules: [] },
    {
      ...both,
      id: `${clientId.slice(0, 49)}-administration`,
      engine: 'rules',
      rules: OWN_TYPES.map((resource) => ({ effect: 'allow', resource, identifier: '*', operations: ['*'] })),
    },
  ];
}

const shownPolicy = ({ id, engine, everyone, exceptIds, clientIds, rules }: Policy) => ({
  resourceType: 'AccessPolicy',
  id,
  engine,
  ...(everyone ? { everyone } : { link: referencesTo(clientIds) }),
  ...(exceptIds.length > 0 ? { except: referencesTo(exceptIds) } : {}),
  ...(engine === 'rules' ? { rules } : {}),
});

const referencesTo = (clientIds: readonly string[]) =>
  clientIds.map((id) => ({ resourceType: 'Client', id }));
