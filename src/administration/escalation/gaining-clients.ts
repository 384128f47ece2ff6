import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { Settings } from '../../config/settings.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { appliesTo, type Policy } from '../../policies/policy.js';
import { spellingsOf } from '../../resources/audience-spelling.js';
import { FormerOperationsRepository } from '../../resources/former-operations.repository.js';
import { betweenSlices, inSlices } from '../../runtime/slices.js';
import {
  type CatalogChange,
  denyingLayers,
  holdsThroughout,
  missingForGain,
  policiesOn,
  reshapedAudiences,
  touchedResources,
} from './audience-gains.js';
import { AudienceReach } from './audience-reach.js';
import { type ClientGroup, ClientGroups } from './client-groups.js';
import type { AudienceHolder } from './held-audiences.js';
import { JudgementBudget } from './judgement-budget.js';
import { LayeredPolicies } from './layered-policies.js';
import type { Missing } from './missing.js';
import { type AdmittedPolicy, type AudienceMove, audienceMove, missingForMove } from './moved-resource.js';
import { bareNameGains, missingForName } from './names/bare-name-gains.js';
import { type ChangedNames, changedNames } from './names/changed-names.js';
import { headsOfAdded, missingForId, missingForNames } from './names/former-readings.js';
import type { ResourceChange } from './resource-escalation.js';

/** All clients by the rules that concern a write, and what judging it may still cost. */
interface Judgement {
  groups: ClientGroups;
  budget: JudgementBudget;
}

/** The clients that a write of a resource lets have the resource, tokens for an audience, or a bare name in them. */
@Injectable()
export class GainingClients {
  constructor(
    private readonly settings: Settings,
    private readonly clients: ClientsRepository,
    private readonly policies: PoliciesRepository,
    private readonly former: FormerOperationsRepository,
  ) {}

  /** The permissions that the caller lacks for the gains of clients by this write. */
  async missing(
    caller: AudienceHolder,
    change: ResourceChange,
    catalogs: CatalogChange,
  ): Promise<Missing | undefined> {
    const move = audienceMove(change, catalogs.before);
    const admitted = move ? await this.admittedBy(move) : [];
    const audiences = await this.unheldAudiences(caller, change, catalogs);
    await betweenSlices();
    const isOpen = caller.holdings.administersEverything && !caller.holdings.hasScope;
    const formerOwners = this.former.ownersOf.bind(this.former);
    const names = isOpen ? [] : await changedNames(change, catalogs, formerOwners);
    const byReading = isOpen ? undefined : await this.missingByReading(caller, change, catalogs);
    if (byReading) return byReading;
    if (admitted.length + audiences.length + names.length === 0) return undefined;
    const policies = await this.concerned(change, catalogs, names);
    const byMove = move && (await inSlices(missingForMove(caller, move, admissions(admitted, policies))));
    if (byMove) return byMove;
    const groups = await inSlices(ClientGroups.of(policies));
    const judgement = { groups, budget: new JudgementBudget() };
    for (const audience of audiences) {
      const gaining = await this.firstWith(audience, catalogs, judgement);
      if (gaining !== undefined) return missingForGain(audience, gaining);
    }
    return this.missingByName(caller, names, catalogs, judgement);
  }

  /** The permissions that the caller lacks where a new id or name could be taken for what others had before. */
  private async missingByReading(
    { holdings }: AudienceHolder,
    change: ResourceChange,
    { before }: CatalogChange,
  ): Promise<Missing | undefined> {
    const { id } = change.after ?? {};
    if (id === undefined) return undefined;
    const isCreated = !change.before && !change.replaced;
    const byId = isCreated ? missingForId(holdings, id, await this.former.readAs(id)) : undefined;
    if (byId) return byId;
    const names = headsOfAdded(change);
    const heads = new Set([...names.values()].map(({ resource }) => resource));
    const deleted = [...heads].filter((head) => head !== id && !before.find(head));
    return missingForNames(holdings, names, await this.former.ofResources(deleted));
  }

  /** The clients whose lists kept them from a resource until this move, or would have before it was created. */
  private async admittedBy({ left, entered }: AudienceMove): Promise<Client[]> {
    const listing = await this.clients.listingAudience(entered);
    return listing.filter(
      ({ clientCredentials }) => left === undefined || !clientCredentials.audience?.includes(left),
    );
  }

  /** The audiences that the write reshapes and the caller could not have itself before or after it. */
  private async unheldAudiences(caller: AudienceHolder, change: ResourceChange, catalogs: CatalogChange) {
    const unheld: string[] = [];
    for (const audience of reshapedAudiences(change, catalogs.before)) {
      if (!(await inSlices(holdsThroughout(caller, audience, catalogs)))) unheld.push(audience);
    }
    return unheld;
  }

  private async concerned(
    change: ResourceChange,
    catalogs: CatalogChange,
    names: readonly ChangedNames[],
  ): Promise<Policy[]> {
    const former = names.flatMap((changed) => [...changed.former.values()].flat());
    const resources = touchedResources(change, catalogs);
    for (const { resource } of former) resources.add(resource);
    return inSlices(policiesOn(await this.policies.concerning([...resources]), resources));
  }

  /**
   * The id of a client that gains this audience; '' for clients that no policy names. Only clients that list it or that a
   * deny rule withholds it from are considered: what allow rules grant moves with their resource.
   */
  private async firstWith(
    audience: string,
    catalogs: CatalogChange,
    { groups, budget }: Judgement,
  ): Promise<string | undefined> {
    const isLeft = !catalogs.after.isAudience(audience);
    if (isLeft && this.settings.unregisteredAudience === 'allow') return '';
    const { part, has } = spellingsOf(audience);
    // Another spelling in a list is of use from then on.
    const [gaining] = isLeft ? await this.clients.listingMatch(part, has) : [];
    if (gaining) return gaining.id;
    const listing = await this.clients.listingAudience(audience);
    const denying = denyingLayers(groups.layers, audience, catalogs);
    const listed = new Map(listing.map(({ id }): [ClientGroup, string] => [groups.of(id), id]));
    for (const group of groups.all) {
      const id = listed.get(group);
      const isDenied = group.layers.some((layer) => denying.has(layer));
      if (id === undefined && !isDenied) continue;
      if (!(await inSlices(this.gains(group, audience, catalogs, budget)))) continue;
      const gaining = id ?? (await this.firstWithoutList(group.clientIds));
      if (gaining !== undefined) return gaining;
    }
    return undefined;
  }

  /** Whether clients that the audience is open to gain it. */
  private *gains(
    { layers }: ClientGroup,
    audience: string,
    { before, after }: CatalogChange,
    budget: JudgementBudget,
  ): Generator<void, boolean> {
    const policies = new LayeredPolicies(layers, budget);
    const reach = new AudienceReach('', undefined, policies, this.settings.unregisteredAudience);
    return !(yield* reach.find(audience, before)) && (yield* reach.find(audience, after));
  }

  /** The permissions that the caller lacks for the first client that gains an item by a bare name in these audiences. */
  private async missingByName(
    caller: AudienceHolder,
    names: readonly ChangedNames[],
    catalogs: CatalogChange,
    { groups, budget }: Judgement,
  ): Promise<Missing | undefined> {
    for (const changed of names) {
      const gains = await inSlices(bareNameGains(caller, changed, catalogs, groups.all, budget));
      for (const gain of gains) {
        const gaining = await this.firstWithAudience(gain.clientIds, changed.audience);
        if (gaining !== undefined) return missingForName(gain, gaining);
      }
    }
    return undefined;
  }

  private firstWithoutList(ids: readonly string[]): Promise<string | undefined> {
    return this.firstOf(ids, ({ clientCredentials }) => !clientCredentials.audience);
  }

  private firstWithAudience(ids: readonly string[], audience: string): Promise<string | undefined> {
    return this.firstOf(
      ids,
      ({ clientCredentials }) => clientCredentials.audience?.includes(audience) ?? true,
    );
  }

  private async firstOf(
    ids: readonly string[],
    isSought: (client: Client) => boolean,
  ): Promise<string | undefined> {
    if (ids.includes('')) return '';
    for await (const page of this.clients.pagesOf(ids)) {
      const found = page.find(isSought);
      if (found) return found.id;
    }
    return undefined;
  }
}

/** Each policy that applies to one of the clients, with the first of them. */
function admissions(clients: readonly Client[], policies: readonly Policy[]): AdmittedPolicy[] {
  if (clients.length === 0) return [];
  return policies.flatMap((policy) => {
    const client = clients.find(({ id }) => appliesTo(policy, id));
    return client ? [{ client: client.id, policy }] : [];
  });
}
