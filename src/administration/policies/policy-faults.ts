import { ALL } from '../../../packages/protocol/src/scope-item.js';
import type { Policy } from '../../policies/policy.js';
import type { Fault } from '../../protocol/problem.js';
import type { Catalog } from '../../resources/catalog.js';
import { namedClients } from '../documents/client-reference.dto.js';
import { canAddFault } from '../documents/item-faults.js';
import { itemPath, memberPath } from '../documents/member-path.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';

/** Members of a policy that contradict each other; each member by itself is checked elsewhere. */
export function contradictions({ engine, link, everyone, rules }: JsonObject): Fault[] {
  const faults: Fault[] = [];
  if (everyone === true && link !== undefined)
    faults.push({ path: 'link', message: 'cannot be combined with everyone' });
  if (everyone !== true && link === undefined) {
    faults.push({ path: 'link', message: 'must name a client, unless everyone is true' });
  }
  if (everyone === true && engine === 'allow') {
    faults.push({ path: 'everyone', message: 'is not allowed with the engine allow' });
  }
  if (engine === 'allow' && rules !== undefined) {
    faults.push({ path: 'rules', message: 'is not allowed with the engine allow' });
  }
  if (engine !== 'allow' && Array.isArray(rules) && rules.length === 0) {
    faults.push({ path: 'rules', message: 'must not be empty' });
  }
  if (engine === 'rules' && rules === undefined) {
    faults.push({ path: 'rules', message: 'is required with the engine rules' });
  }
  return faults;
}

const EXCEPT_MESSAGE =
  'is read-only: omit it; only a start with LATCHKEY_ADMIN_CLIENT_SECRET writes it, for its administrator';

/** `except` may be repeated as it is shown. */
export function exceptFaults({ except }: JsonObject, current: Policy | null): Fault[] {
  if (!Array.isArray(except)) return [];
  const shown = current?.exceptIds ?? [];
  const given = new Set(namedClients(except, '').map(({ id }) => id));
  const isShown = except.length === shown.length && shown.every((id) => given.has(id));
  return isShown ? [] : [{ path: 'except', message: EXCEPT_MESSAGE }];
}

/** Unregistered resources and operations in rules; malformed rules are skipped. */
export function unregistered(rules: unknown, catalog: Catalog): Fault[] {
  const faults: Fault[] = [];
  if (!Array.isArray(rules)) return faults;
  for (let at = 0; at < rules.length && canAddFault(faults); at++) {
    if (isObject(rules[at])) addUnregistered(faults, rules[at], itemPath('rules', at), catalog);
  }
  return faults;
}

function addUnregistered(
  faults: Fault[],
  { resource, operations }: JsonObject,
  path: string,
  catalog: Catalog,
): void {
  if (typeof resource !== 'string') return;
  if (resource !== ALL && !catalog.find(resource)) {
    faults.push({ path: memberPath(path, 'resource'), message: 'is not a registered resource' });
    return;
  }
  if (!Array.isArray(operations)) return;
  for (let at = 0; at < operations.length && canAddFault(faults); at++) {
    const name: unknown = operations[at];
    if (typeof name !== 'string' || name === ALL || catalog.hasOperation(resource, name)) continue;
    const place = itemPath(memberPath(path, 'operations'), at);
    faults.push({ path: place, message: 'is not an operation of this resource' });
  }
}
