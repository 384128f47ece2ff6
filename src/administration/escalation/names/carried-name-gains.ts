import { Injectable } from '@nestjs/common';
import { ALL, type ScopeItem } from '../../../../packages/protocol/src/scope-item.js';
import type { Holdings } from '../../../policies/holdings.js';
import { PoliciesRepository } from '../../../policies/policies.repository.js';
import {
  ANY_NAME,
  CarriedNames,
  type LiveName,
  MAX_LIVE_NAMES,
} from '../../../resources/carried-names.repository.js';
import type { Catalog } from '../../../resources/catalog.js';
import type { Resource } from '../../../resources/resource.js';
import { inSlices } from '../../../runtime/slices.js';
import { policiesOn } from '../audience-gains.js';
import { ClientGroups } from '../client-groups.js';
import { JudgementBudget } from '../judgement-budget.js';
import { LayeredPolicies } from '../layered-policies.js';
import type { Missing } from '../missing.js';
import type { ResourceChange } from '../resource-escalation.js';

/** The names that a write gives to the audience of a resource. */
interface AddedNames {
  resource: string;
  audience: string;
  names: string[];
}

/**
 * What clients gain by a new name of an audience in the JWTs that they have: one for several audiences can contain the
 * name by an operation of another, and an API that does not ask the server takes it for its own.
 */
@Injectable()
export class CarriedNameGains {
  constructor(
    private readonly carried: CarriedNames,
    private readonly policies: PoliciesRepository,
  ) {}

  /** What the caller lacks for the names that the write adds; the last judgement of a write, since token requests wait for it. */
  async missing(holdings: Holdings, change: ResourceChange, catalog: Catalog): Promise<Missing | undefined> {
    if (holdings.administersEverything && !holdings.hasScope) return undefined;
    const added = addedNames(change, catalog);
    const unheld = added.names.filter((name) => !holdings.may(itemOf(added, name)));
    if (unheld.length === 0) return undefined;
    await this.carried.claim();
    const live = await this.carried.liveIn(added.audience, unheld);
    if (live.length === 0) return undefined;
    const gains = live.length > MAX_LIVE_NAMES ? live : await this.gainsOf(live, { ...added, names: unheld });
    return gains.length === 0 ? undefined : missingFor(gains, { ...added, names: unheld });
  }

  /** Those of the tokens whose clients do not have the operation otherwise. */
  private async gainsOf(live: readonly LiveName[], added: AddedNames): Promise<LiveName[]> {
    const { resource } = added;
    const concerning = await this.policies.concerning([resource]);
    const policies = await inSlices(policiesOn(concerning, new Set([resource])));
    const groups = await inSlices(ClientGroups.of(policies));
    return inSlices(gainsIn(live, added, groups));
  }
}

function* gainsIn(
  live: readonly LiveName[],
  added: AddedNames,
  groups: ClientGroups,
): Generator<void, LiveName[]> {
  const budget = new JudgementBudget();
  const gains: LiveName[] = [];
  for (const one of live) {
    const { layers } = groups.of(one.clientId);
    const names = one.operation === ANY_NAME ? added.names : [one.operation];
    const policies = new LayeredPolicies(layers, budget);
    if (!names.every((name) => policies.grants(itemOf(added, name)))) gains.push(one);
    yield;
  }
  return gains;
}

const itemOf = ({ resource }: AddedNames, operation: string): ScopeItem => ({
  resource,
  identifier: ALL,
  operation,
});

/** Those that the stored resource does not have there, however the write is judged. */
function addedNames({ before, after, replaced }: ResourceChange, catalog: Catalog): AddedNames {
  if (!after) return { resource: '', audience: '', names: [] };
  const audience = catalog.audienceOf(after);
  const stored = before ?? replaced ?? null;
  const kept = stored && catalog.audienceOf(stored) === audience ? namesOf(stored) : [];
  const known = new Set(kept);
  return { resource: after.id, audience, names: namesOf(after).filter((name) => !known.has(name)) };
}

const namesOf = ({ operations }: Resource): string[] => operations.map(({ name }) => name);

function missingFor(gains: readonly LiveName[], added: AddedNames): Missing {
  const clients = new Set(gains.map(({ clientId }) => clientId));
  const [first] = clients;
  const name = gains[0]?.operation || added.names[0];
  const until = new Date(Math.max(...gains.map(({ endsAt }) => endsAt))).toISOString();
  const others = clients.size > 1 ? ` and ${clients.size - 1} more` : '';
  return {
    description: `until ${until}, JWTs for several audiences of the client ${first}${others} can contain the name ${name}, and APIs of ${added.audience} would read it as ${added.resource}:${ALL}:${name}, which the caller does not hold: wait until then, use another name, or let a caller that holds it write this`,
  };
}
