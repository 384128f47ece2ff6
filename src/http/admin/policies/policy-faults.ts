import type { Fault } from '../../../protocol/problem.js';
import { ALL } from '../../../protocol/scope-item.js';
import type { Catalog } from '../../../resources/catalog.js';
import { itemPath, memberPath } from '../body/member-path.js';
import { isObject, type JsonObject } from '../body/merge-patch.js';

/** Members of a policy that do not go together; which of them are wrong by themselves is told elsewhere. */
export function contradictions({ engine, link, everyone, rules }: JsonObject): Fault[] {
  const faults: Fault[] = [];
  if (everyone === true && link !== undefined)
    faults.push({ path: 'link', message: 'goes without everyone' });
  if (everyone !== true && link === undefined) {
    faults.push({ path: 'link', message: 'must name a client, unless everyone is true' });
  }
  if (everyone === true && engine === 'allow') {
    faults.push({ path: 'everyone', message: 'does not go with the engine allow' });
  }
  if (engine === 'allow' && rules !== undefined) {
    faults.push({ path: 'rules', message: 'does not go with the engine allow' });
  }
  if (engine === 'rules' && rules === undefined) {
    faults.push({ path: 'rules', message: 'is required with the engine rules' });
  }
  return faults;
}

/** Resources and operations that rules name and nobody has registered; what is no rule is passed over. */
export function unregistered(rules: unknown, catalog: Catalog): Fault[] {
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: unknown, position) =>
    isObject(rule) ? unregisteredIn(rule, itemPath('rules', position), catalog) : [],
  );
}

function unregisteredIn({ resource, operations }: JsonObject, path: string, catalog: Catalog): Fault[] {
  if (typeof resource !== 'string') return [];
  if (resource !== ALL && !catalog.find(resource)) {
    return [{ path: memberPath(path, 'resource'), message: 'is no registered resource' }];
  }
  if (!Array.isArray(operations)) return [];
  return operations.flatMap((name: unknown, position) =>
    typeof name !== 'string' || name === ALL || catalog.hasOperation(resource, name)
      ? []
      : [
          {
            path: itemPath(memberPath(path, 'operations'), position),
            message: 'is no operation of the resource',
          },
        ],
  );
}
