import type { PolicyRule, Reference } from '../../api/documents.ts';

/** A policy while it is edited: any member may be missing or wrong, until the server has judged it. */
export type PolicyDraft = Record<string, unknown>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Members that the form does not support are kept unchanged, and shown in YAML only. */
export function rulesOf({ rules }: PolicyDraft): PolicyRule[] {
  return (Array.isArray(rules) ? rules : []).filter(isObject).map((rule) => ({
    effect: rule.effect === 'deny' ? 'deny' : 'allow',
    resource: textOf(rule.resource),
    identifier: textOf(rule.identifier),
    operations: (Array.isArray(rule.operations) ? rule.operations : []).map(textOf),
  }));
}

export function linkedOf({ link }: PolicyDraft): string[] {
  return (Array.isArray(link) ? link : []).filter(isObject).map(({ id }) => textOf(id));
}

export const linksTo = (ids: string[]): Reference[] => ids.map((id) => ({ resourceType: 'Client', id }));

/** Sets or removes a member. */
export function changed(draft: PolicyDraft, name: string, value: unknown): PolicyDraft {
  if (value !== undefined) return { ...draft, [name]: value };
  const { [name]: _, ...rest } = draft;
  return rest;
}

/** With the engine `allow`, and for everyone, the server refuses the members of the other choice. */
export const withEngine = (draft: PolicyDraft, engine: string): PolicyDraft =>
  changed({ ...draft, engine }, 'rules', engine === 'allow' ? undefined : rulesOf(draft));

export function forEveryone(draft: PolicyDraft, everyone: boolean): PolicyDraft {
  return everyone
    ? changed({ ...draft, everyone: true }, 'link', undefined)
    : changed({ ...draft, link: linksTo(linkedOf(draft)) }, 'everyone', undefined);
}
