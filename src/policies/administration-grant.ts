import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/audit-trail.js';
import { change } from '../audit/documents.js';
import { Log } from '../config/log.js';
import { nowMilliseconds } from '../crypto/clock.js';
import { OWN_TYPES } from '../protocol/identifier.js';
import { CompiledPolicies } from './compiled-policies.js';
import { PoliciesRepository } from './policies.repository.js';
import type { Policy, Rule } from './policy.js';

/**
 * Gives the administrator of the settings everything on the server's own types. Nothing of it follows from what is
 * stored: who could write policies before could otherwise prepare what the server hands out by itself.
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

  /** Inside a change of the configuration; throws when the administrator would not hold everything after it. */
  async give(clientId: string, reason: string): Promise<void> {
    for (const policy of administratorPolicies(clientId)) await this.put(policy, reason);
    await this.liftDenies(clientId, reason);
    if (await this.isHeldBy(clientId)) return;
    throw new Error(`the client ${clientId} cannot be given everything on ${OWN_TYPES.join(', ')}`);
  }

  /** With the administrator's link alone, whatever was stored under this id. */
  private async put(policy: Policy, reason: string): Promise<void> {
    const before = await this.policies.find(policy.id);
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

  private async liftDenies(clientId: string, reason: string): Promise<void> {
    for (const { id } of await this.policies.ofClient(clientId)) {
      const before = await this.policies.find(id);
      if (!before?.rules.some(blocks)) continue;
      const left = withoutDenies(before, clientId);
      await this.write(before, left, reason);
      this.log.warn({ policy: id, client: clientId }, 'deny rules that bound the administrator were lifted');
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

/**
 * A policy that links clients goes on for the others; one for everyone loses the rules themselves. Null: nothing of it is
 * left.
 */
function withoutDenies(policy: Policy, clientId: string): Policy | null {
  const next = { ...policy, version: policy.version + 1, updatedAt: nowMilliseconds() };
  if (policy.everyone) {
    const rules = policy.rules.filter((rule) => !blocks(rule));
    return rules.length > 0 ? { ...next, rules } : null;
  }
  const clientIds = policy.clientIds.filter((linked) => linked !== clientId);
  return clientIds.length > 0 ? { ...next, clientIds } : null;
}

/** Whether a rule denies anything on the server's own types. */
function blocks(rule: Rule): boolean {
  const alone = new CompiledPolicies([{ id: '', engine: 'rules', rules: [rule] }]);
  return OWN_TYPES.some((resource) => alone.touching({ resource, identifier: '*', operation: '*' }));
}

/** Two policies: `allow` for every registered resource, and rules that name the six types of the server's own. */
function administratorPolicies(clientId: string): Policy[] {
  const now = nowMilliseconds();
  const both = { version: 1, createdAt: now, updatedAt: now, everyone: false, clientIds: [clientId] };
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

const shownPolicy = ({ id, engine, everyone, clientIds, rules }: Policy) => ({
  resourceType: 'AccessPolicy',
  id,
  engine,
  ...(everyone
    ? { everyone }
    : { link: clientIds.map((clientId) => ({ resourceType: 'Client', id: clientId })) }),
  ...(engine === 'rules' ? { rules } : {}),
});
