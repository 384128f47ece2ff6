import { isOwnType } from '../../packages/protocol/src/own-type.js';
import { ALL, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import type { Rule } from './policy.js';
import { type AllowRules, type DenyRules, type NumberedRule, reaching } from './rule-index.js';

/** A few allow rules, searched in order, which is faster than an index. */
export class AllowList implements AllowRules {
  constructor(private readonly rules: readonly NumberedRule[]) {}

  covering({ resource, identifier, operation }: ScopeItem): number | undefined {
    return this.rules.find(
      ({ rule }) =>
        reaches(rule, resource) &&
        holds(rule.identifier, identifier) &&
        rule.operations.some((one) => holds(one, operation)),
    )?.number;
  }

  names(resource: string): boolean {
    return this.rules.some(({ rule }) => reaches(rule, resource));
  }

  identifiersOf(resource: string): string[] {
    const named = reaching(resource).flatMap((key) => this.rules.filter(({ rule }) => rule.resource === key));
    return [...new Set(named.map(({ rule }) => rule.identifier).filter((identifier) => identifier !== ALL))];
  }
}

/** A few deny rules. */
export class DenyList implements DenyRules {
  constructor(private readonly rules: readonly NumberedRule[]) {}

  touching({ resource, identifier, operation }: ScopeItem): number | undefined {
    return this.rules.find(
      ({ rule }) =>
        (resource === ALL ? !isOwnType(rule.resource) : reaches(rule, resource)) &&
        meets(rule.identifier, identifier) &&
        rule.operations.some((one) => meets(one, operation)),
    )?.number;
  }
}

const reaches = (rule: Rule, resource: string): boolean =>
  rule.resource === resource || (rule.resource === ALL && !isOwnType(resource));

const holds = (granted: string, requested: string): boolean => granted === ALL || granted === requested;

const meets = (denied: string, requested: string): boolean => requested === ALL || holds(denied, requested);
