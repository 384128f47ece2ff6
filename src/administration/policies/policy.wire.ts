import type { Policy } from '../../policies/policy.js';
import { namedClients, referencesTo } from '../documents/client-reference.dto.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { headOf, present } from '../documents/meta.js';
import { stampOf } from '../documents/stored.js';
import type { PolicyMembers } from './policy.dto.js';

export const policyView = (policy: Policy): JsonObject =>
  present({
    ...headOf('AccessPolicy', policy),
    description: policy.description ?? undefined,
    engine: policy.engine,
    link: policy.everyone ? undefined : referencesTo(policy.clientIds),
    everyone: policy.everyone || undefined,
    except: policy.exceptIds.length > 0 ? referencesTo(policy.exceptIds) : undefined,
    rules: policy.engine === 'rules' ? policy.rules : undefined,
  });

/** Removes duplicate clients and operations; the order of links does not matter. `except` keeps its value. */
export function policyOf(members: PolicyMembers, id: string, current: Policy | null, now: number): Policy {
  const linked = namedClients(members.link, '').map((named) => named.id);
  return {
    ...stampOf(id, current, now),
    description: members.description ?? null,
    engine: members.engine,
    everyone: members.everyone === true,
    exceptIds: members.everyone === true ? (current?.exceptIds ?? []) : [],
    clientIds: [...new Set(linked)].sort(),
    rules: (members.rules ?? []).map(({ effect, resource, identifier, operations }) => ({
      effect,
      resource,
      identifier,
      operations: [...new Set(operations)],
    })),
  };
}
