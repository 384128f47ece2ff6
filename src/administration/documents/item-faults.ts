import { type Fault, MAX_COUNTED_ERRORS } from '../../protocol/problem.js';
import { type Check, type DeclaredMember, declaredMembers, type MembersType } from './member-checks.js';
import { memberHint } from './member-hints.js';
import { itemPath, memberPath } from './member-path.js';
import { isObject, type JsonObject } from './merge-patch.js';

/** Whether to keep looking for faults. */
export const canAddFault = (faults: readonly Fault[]): boolean => faults.length < MAX_COUNTED_ERRORS;

/**
 * The faults of the objects in these members' lists. A policy can have thousands of rules, and class-validator takes
 * about 30 µs for each, so their declared checks are run directly.
 */
export function faultsOfLists(type: MembersType, body: JsonObject, parent = ''): Fault[] {
  const faults: Fault[] = [];
  for (const [name, { check, items, object }] of declaredMembers(type)) {
    const value = body[name];
    const path = memberPath(parent, name);
    if (object && isObject(value)) faults.push(...faultsOfLists(object(), value, path));
    if (!items || !Array.isArray(value) || check?.(value, body) !== undefined) continue;
    const itemType = items();
    for (let at = 0; at < value.length && canAddFault(faults); at++) {
      if (isObject(value[at])) addFaultsOfItem(faults, itemType, value[at], itemPath(path, at));
    }
  }
  return faults;
}

function addFaultsOfItem(faults: Fault[], type: MembersType, item: JsonObject, path: string): void {
  const members = declaredMembers(type);
  for (const name in item) {
    if (!members.has(name)) faults.push({ path: memberPath(path, name), message: unknownMember(name) });
  }
  for (const [name, member] of members) {
    const value = item[name];
    if (value === undefined && member.optional) continue;
    const message = member.check?.(value, item);
    if (message !== undefined) faults.push({ path: memberPath(path, name), message });
    else addFaultsInside(faults, member, value, item, memberPath(path, name));
  }
}

function addFaultsInside(
  faults: Fault[],
  { item, items, object }: DeclaredMember,
  value: unknown,
  owner: JsonObject,
  path: string,
): void {
  if (object && isObject(value)) addFaultsOfItem(faults, object(), value, path);
  if (!item || !Array.isArray(value)) return;
  addItemFaults(faults, item, value, owner, path);
  if (!items) return;
  for (let at = 0; at < value.length && canAddFault(faults); at++) {
    if (isObject(value[at])) addFaultsOfItem(faults, items(), value[at], itemPath(path, at));
  }
}

function addItemFaults(
  faults: Fault[],
  check: Check,
  list: readonly unknown[],
  owner: object,
  path: string,
): void {
  for (let at = 0; at < list.length && canAddFault(faults); at++) {
    const message = check(list[at], owner);
    if (message !== undefined) faults.push({ path: itemPath(path, at), message });
  }
}

export function unknownMember(name: string): string {
  const hint = memberHint(name);
  return hint === undefined ? 'unknown member' : `unknown member; ${hint}`;
}
