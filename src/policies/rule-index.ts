import { isOwnType } from '../../packages/protocol/src/own-type.js';
import { ALL, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import type { Rule } from './policy.js';

/** A rule and its number among those of all policies; the first matching one decides. */
export interface NumberedRule {
  rule: Rule;
  number: number;
}

/** Finds the allow rule that covers a whole item. `*` is covered only by `*`. */
export interface AllowRules {
  covering(item: ScopeItem): number | undefined;
  /** Whether any rule names this resource, or `*` if that includes it. */
  names(resource: string): boolean;
  /** The identifiers that rules on this resource name, in the order of the rules; at least those granted the operation. */
  identifiersOf(resource: string, operation?: string): string[];
}

/** Finds the deny rule that touches any part of an item. */
export interface DenyRules {
  touching(item: ScopeItem): number | undefined;
}

/** The key for `*` in an item, which a deny rule on any value touches. Contains a space, as no literal can. */
const SOME = 'some value';

/** Rules by resource, identifier and operation; the value is the number of the first one. */
type RuleMap = Map<string, Map<string, Map<string, number>>>;

/** Of rules that come in the order of their numbers, the first one stays. */
function insert(
  places: RuleMap,
  resource: string,
  identifier: string,
  operations: readonly string[],
  number: number,
): void {
  const numbers = child(child(places, resource), identifier);
  for (const operation of operations) if (!numbers.has(operation)) numbers.set(operation, number);
}

function child<V>(parent: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let found = parent.get(key);
  if (!found) {
    found = new Map();
    parent.set(key, found);
  }
  return found;
}

/** The first rule for any combination of these keys: at most eight lookups, whatever the number of rules. */
function first(
  places: RuleMap,
  resources: readonly string[],
  identifiers: readonly string[],
  operations: readonly string[],
): number | undefined {
  let found: number | undefined;
  for (const resource of resources) {
    const byIdentifier = places.get(resource);
    if (!byIdentifier) continue;
    for (const identifier of identifiers) {
      const byOperation = byIdentifier.get(identifier);
      if (!byOperation) continue;
      for (const operation of operations) {
        const number = byOperation.get(operation);
        if (number !== undefined && (found === undefined || number < found)) found = number;
      }
    }
  }
  return found;
}

/** Index of allow rules: the cost of a lookup does not depend on their number. */
export class AllowIndex implements AllowRules {
  private readonly places: RuleMap = new Map();
  /** Identifiers by resource, each with its position in the order of the rules. */
  private readonly literals = new Map<string, Map<string, number>>();
  private readonly byOperation = new Map<string, Map<string, Set<string>>>();

  constructor(rules: readonly NumberedRule[]) {
    for (const { rule, number } of rules) this.add(rule, number);
  }

  private add(rule: Rule, number: number): void {
    insert(this.places, rule.resource, rule.identifier, rule.operations, number);
    if (rule.identifier === ALL) return;
    const named = child(this.literals, rule.resource);
    if (!named.has(rule.identifier)) named.set(rule.identifier, named.size);
    for (const operation of rule.operations)
      this.identifiersWith(rule.resource, operation).add(rule.identifier);
  }

  private identifiersWith(resource: string, operation: string): Set<string> {
    const operations = child(this.byOperation, resource);
    const known = operations.get(operation) ?? new Set<string>();
    operations.set(operation, known);
    return known;
  }

  covering({ resource, identifier, operation }: ScopeItem): number | undefined {
    return first(this.places, reaching(resource), orAll(identifier), orAll(operation));
  }

  names(resource: string): boolean {
    return reaching(resource).some((key) => this.places.has(key));
  }

  identifiersOf(resource: string, operation?: string): string[] {
    // A rule on every identifier may grant the operation on any that another rule names.
    const all =
      operation === undefined || this.covering({ resource, identifier: ALL, operation }) !== undefined;
    const named = reaching(resource).flatMap((key) =>
      all ? this.named(key) : this.namedWith(key, operation),
    );
    return [...new Set(named)];
  }

  private named(resource: string): string[] {
    return [...(this.literals.get(resource)?.keys() ?? [])];
  }

  private namedWith(resource: string, operation: string): string[] {
    const operations = this.byOperation.get(resource);
    const places = this.literals.get(resource);
    if (!operations || !places) return [];
    const named = new Set(orAll(operation).flatMap((one) => [...(operations.get(one) ?? [])]));
    return [...named].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  }
}

/** Index of deny rules. */
export class DenyIndex implements DenyRules {
  private readonly places: RuleMap = new Map();
  private placesOfWide: RuleMap | undefined;

  constructor(private readonly rules: readonly NumberedRule[]) {
    for (const { rule, number } of rules)
      insert(this.places, rule.resource, rule.identifier, rule.operations, number);
  }

  touching({ resource, identifier, operation }: ScopeItem): number | undefined {
    if (resource !== ALL && identifier !== ALL && operation !== ALL)
      return first(this.places, reaching(resource), orAll(identifier), orAll(operation));
    return first(
      this.wide,
      resource === ALL ? [SOME] : reaching(resource),
      identifier === ALL ? [SOME] : orAll(identifier),
      operation === ALL ? [SOME] : orAll(operation),
    );
  }

  /** For items with a `*`: many times as large, and not needed by a client that asks for none. */
  private get wide(): RuleMap {
    this.placesOfWide ??= widened(this.rules);
    return this.placesOfWide;
  }
}

function widened(rules: readonly NumberedRule[]): RuleMap {
  const places: RuleMap = new Map();
  for (const { rule, number } of rules) {
    const operations = [...rule.operations, SOME];
    for (const resource of isOwnType(rule.resource) ? [rule.resource] : [rule.resource, SOME])
      for (const identifier of [rule.identifier, SOME])
        insert(places, resource, identifier, operations, number);
  }
  return places;
}

const orAll = (literal: string): string[] => (literal === ALL ? [ALL] : [literal, ALL]);

/** The values of `resource` with which a rule includes this one; `*` never includes the server's own types. */
export const reaching = (resource: string): string[] => (isOwnType(resource) ? [resource] : orAll(resource));
