import { declaredMembers, type MembersType } from './member-checks.js';
import { isObject, type JsonObject, mergeObject } from './merge-patch.js';

/** A merge patch of declared members. The null of an undeclared member remains, so that it is rejected as unknown. */
export function patchMembers(type: MembersType, target: JsonObject, patch: JsonObject): JsonObject {
  const members = declaredMembers(type);
  const merged = mergeObject(target, patch);
  for (const [name, value] of Object.entries(patch)) {
    const member = members.get(name);
    const current = target[name];
    if (value === null && !member) merged[name] = null;
    if (member?.object && isObject(value))
      merged[name] = patchMembers(member.object(), isObject(current) ? current : {}, value);
  }
  return merged;
}
