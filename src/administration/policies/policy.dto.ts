import { ALL, isSegment } from '../../../packages/protocol/src/scope-item.js';
import { POLICY_ENGINES, type PolicyEngine, RULE_EFFECTS } from '../../policies/policy.js';
import { isId } from '../../protocol/identifier.js';
import { MAX_SCOPE_ITEM_LENGTH, SCOPE_TOKEN } from '../../protocol/scope.js';
import { ClientReference } from '../documents/client-reference.dto.js';
import {
  type Check,
  description,
  flag,
  Is,
  ListOf,
  NestedList,
  Optional,
  oneOf,
} from '../documents/member-checks.js';
import { engineHint } from '../documents/member-hints.js';
import { WrittenMembers } from '../documents/written.dto.js';

const MAX_RULES = 10_000;
const MAX_LINKS = 10_000;

const resource: Check = (value) =>
  value === ALL || isId(value) ? undefined : 'must be the id of a resource, or *';

const identifier: Check = (value) =>
  typeof value === 'string' &&
  value.length <= MAX_SCOPE_ITEM_LENGTH &&
  SCOPE_TOKEN.test(value) &&
  isSegment(value) &&
  !value.includes(':')
    ? undefined
    : `must be *, or a scope token without * and : of at most ${MAX_SCOPE_ITEM_LENGTH} characters`;

const operation: Check = (value) =>
  typeof value === 'string' ? undefined : 'must be the name of an operation, or *';

const engine: Check = (value, owner) => {
  const fault = oneOf(POLICY_ENGINES)(value, owner);
  const hint = engineHint(value);
  return fault && hint ? `${fault}; ${hint}` : fault;
};

/** One rule of a policy; all members are required, so that omitting one never grants anything. */
export class RuleMembers {
  @Is(oneOf(RULE_EFFECTS))
  effect!: (typeof RULE_EFFECTS)[number];

  @Is(resource)
  resource!: string;

  @Is(identifier)
  identifier!: string;

  @ListOf(operation, { least: 1, most: 10_000 })
  operations!: string[];
}

/** The members of a policy in the API. */
export class PolicyMembers extends WrittenMembers {
  @Optional()
  @Is(description)
  description?: string;

  @Is(engine)
  engine!: PolicyEngine;

  @Optional()
  @NestedList(() => ClientReference, { least: 1, most: MAX_LINKS })
  link?: ClientReference[];

  @Optional()
  @Is(flag)
  everyone?: boolean;

  /** Read-only; may be repeated as it is shown. */
  @Optional()
  @NestedList(() => ClientReference, { least: 1, most: MAX_LINKS })
  except?: ClientReference[];

  @Optional()
  @NestedList(() => RuleMembers, { most: MAX_RULES })
  rules?: RuleMembers[];
}
