import { Injectable } from '@nestjs/common';
import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import type { Policy } from '../../policies/policy.js';
import { conflict } from '../../protocol/problem.js';
import type { Resource } from '../../resources/resource.js';
import { ResourcesRepository } from '../../resources/resources.repository.js';
import { betweenSlices } from '../../runtime/slices.js';

/** Prevents the removal of a resource or operation that a policy still names. */
@Injectable()
export class ResourceUse {
  constructor(
    private readonly resources: ResourcesRepository,
    private readonly policies: PoliciesRepository,
  ) {}

  /** Throws 409 with the policies that name the resource. */
  async assertRemovable(resource: Resource): Promise<void> {
    assertUnreferenced(`${resource.id} is referenced`, await this.policies.naming(resource.id));
    await this.assertDroppable(resource, { ...resource, operations: [] });
  }

  /** Throws 409 with the policies that name an operation missing from the new form. */
  async assertDroppable(before: Resource, after: Resource): Promise<void> {
    const kept = namesOf(after);
    const dropped = [...namesOf(before)].filter((name) => !kept.has(name));
    if (dropped.length === 0) return;
    await betweenSlices();
    const names = new Set(dropped);
    const naming = (await this.policies.naming(before.id)).filter((policy) =>
      namesAny(policy, before.id, names),
    );
    await betweenSlices();
    const lost = new Set(await this.lostEverywhere(before.id, dropped));
    const namingAll = lost.size > 0 ? await this.policies.namingAllResources() : [];
    const policies = [...naming, ...namingAll.filter((policy) => namesAny(policy, ALL, lost))];
    assertUnreferenced('an operation that this removes is referenced', policies);
  }

  /** A rule on `*` names an operation of every resource that has it. */
  private async lostEverywhere(id: string, dropped: readonly string[]): Promise<string[]> {
    const others = (await this.resources.all()).filter(
      (resource) => resource.id !== id && !isOwnType(resource.id),
    );
    const remaining = new Set(others.flatMap((resource) => [...namesOf(resource)]));
    return dropped.filter((name) => !remaining.has(name));
  }
}

const namesOf = ({ operations }: Resource): Set<string> => new Set(operations.map(({ name }) => name));

const namesAny = ({ rules }: Policy, resource: string, operations: ReadonlySet<string>): boolean =>
  rules.some((rule) => rule.resource === resource && rule.operations.some((name) => operations.has(name)));

function assertUnreferenced(what: string, naming: readonly Policy[]): void {
  if (naming.length === 0) return;
  const policies = [...new Set(naming.map(({ id }) => id))].sort();
  throw conflict(`${what} by policies`, { policies });
}
