import type { PolicyRule, ResourceDocument } from '../../api/documents.ts';
import { linkedOf, type PolicyDraft, rulesOf } from './policy-draft.ts';

const MAX_ITEMS = 500;
const MAX_CLIENTS = 50;

/** Clients that the policy is for before or after the change, the first of them. */
export function affectedClients(before: PolicyDraft, after: PolicyDraft): { ids: string[]; left: number } {
  const all = [...new Set([...linkedOf(before), ...linkedOf(after)])].filter((id) => id !== '');
  return { ids: all.slice(0, MAX_CLIENTS), left: Math.max(0, all.length - MAX_CLIENTS) };
}

/** Every operation on everything, and on each object that a rule names before or after the change. */
export function itemsOf(resources: ResourceDocument[], before: PolicyDraft, after: PolicyDraft): string[] {
  const rules = [...rulesOf(before), ...rulesOf(after)];
  const items = resources.flatMap(({ id, operations = [] }) => {
    const touching = rules.filter(({ resource }) => resource === id || resource === '*');
    const identifiers = new Set(['*', ...touching.map((rule) => rule.identifier)]);
    const isTouched = touching.length > 0 || before.engine === 'allow' || after.engine === 'allow';
    if (!isTouched) return [];
    return [...identifiers].flatMap((identifier) =>
      operations
        .filter(
          ({ name }) => isNamed(touching, name) || before.engine === 'allow' || after.engine === 'allow',
        )
        .map(({ name }) => `${id}:${identifier}:${name}`),
    );
  });
  return items.slice(0, MAX_ITEMS);
}

const isNamed = (rules: PolicyRule[], operation: string): boolean =>
  rules.some(({ operations }) => operations.includes(operation) || operations.includes('*'));
