import { isOwnType } from '../../packages/protocol/src/own-type.js';
import { type AudienceClaims, audienceClaims } from './audience-claims.js';
import { normalizedAudience } from './audience-spelling.js';
import type { Operation, Resource } from './resource.js';

/** Resources of one audience; above this number, an index of their operations is faster than a search. */
const MAX_SEARCHED = 8;

/** By audience and name, the resource that was the last to lose the operation there. */
export type LastOwners = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Successive catalogs share most resources. */
const operationNames = new WeakMap<readonly Operation[], ReadonlySet<string>>();

/** A snapshot of every registered resource, by id and by audience. */
export class Catalog {
  private readonly byId: ReadonlyMap<string, Resource>;
  private readonly byAudience = new Map<string, Resource[]>();
  private readonly operations = new Map<string, ReadonlySet<string>>();
  private readonly claims = new Map<string, AudienceClaims>();
  private readonly owners = new Map<string, ReadonlyMap<string, Resource[]>>();
  private operationsOfAny: ReadonlySet<string> | undefined;
  private normalized: ReadonlyMap<string, string> | undefined;
  private byUri: ReadonlyMap<string, Resource> | undefined;

  /** Resources in the order of their ids. */
  constructor(
    resources: readonly Resource[],
    readonly ownAudience: string,
    private readonly lastOwners: LastOwners = new Map(),
    /** How many writes had claimed names when it was read: `CarriedNames`. */
    readonly nameClaims = 0,
  ) {
    this.byId = new Map(resources.map((resource) => [resource.id, resource]));
    this.byAudience.set(ownAudience, []);
    for (const resource of resources) {
      this.operations.set(resource.id, namesOf(resource));
      const sharers = this.byAudience.get(this.audienceOf(resource));
      if (sharers) sharers.push(resource);
      else this.byAudience.set(this.audienceOf(resource), [resource]);
    }
    for (const [audience, sharers] of this.byAudience) {
      const added = audienceClaims(sharers);
      if (added) this.claims.set(audience, added);
    }
  }

  /** In the order of their ids. */
  all(): Resource[] {
    return [...this.byId.values()];
  }

  /** The catalog with this resource in place of the one with its id. */
  with(resource: Resource): Catalog {
    const others = this.all().filter(({ id }) => id !== resource.id);
    const resources = [...others, resource].sort((a, b) => (a.id < b.id ? -1 : 1));
    return new Catalog(resources, this.ownAudience, this.lastOwners, this.nameClaims);
  }

  without(resource: string): Catalog {
    return new Catalog(
      this.all().filter(({ id }) => id !== resource),
      this.ownAudience,
      this.lastOwners,
      this.nameClaims,
    );
  }

  find(id: string): Resource | undefined {
    return this.byId.get(id);
  }

  /** A resource without an audience belongs to the server's own. */
  audienceOf(resource: Resource): string {
    return resource.audience ?? this.ownAudience;
  }

  /** The server's own, and those that resources have. */
  audiences(): string[] {
    return [...this.byAudience.keys()];
  }

  isAudience(audience: string): boolean {
    return this.byAudience.has(audience);
  }

  /**
   * The registered audience that a request means: the named one, or else the first that is an equivalent URI, or that of
   * the resource at such a URI.
   */
  registeredSpelling(audience: string): string | undefined {
    if (this.byAudience.has(audience)) return audience;
    // Most catalogs are never asked for another spelling.
    this.normalized ??= this.normalizedNames();
    return this.normalized.get(normalizedAudience(audience));
  }

  /** The resource at this URI, or at an equivalent one. */
  withUri(uri: string): Resource | undefined {
    this.byUri ??= new Map(this.located().map((one) => [normalizedAudience(one.uri), one]));
    return this.byUri.get(normalizedAudience(uri));
  }

  /** The first of several equal names wins. */
  private normalizedNames(): ReadonlyMap<string, string> {
    const names = [
      ...this.audiences().map((audience) => ({ name: audience, audience })),
      ...this.located().map((one) => ({ name: one.uri, audience: this.audienceOf(one) })),
    ];
    return new Map(names.toReversed().map(({ name, audience }) => [normalizedAudience(name), audience]));
  }

  private located(): (Resource & { uri: string })[] {
    return this.all().filter((one): one is Resource & { uri: string } => one.uri != null);
  }

  /** The resources that share this audience, by id; none if it is not registered. */
  withAudience(audience: string): readonly Resource[] {
    return this.byAudience.get(audience) ?? [];
  }

  /** The resources of this audience that have the operation, by id. */
  ownersOf(audience: string, operation: string): readonly Resource[] {
    const sharers = this.withAudience(audience);
    if (sharers.length <= MAX_SEARCHED) return sharers.filter(({ id }) => this.hasOperation(id, operation));
    let owners = this.owners.get(audience);
    if (!owners) {
      owners = ownersByOperation(sharers);
      this.owners.set(audience, owners);
    }
    return owners.get(operation) ?? [];
  }

  /** The resource that was the last to lose the operation in this audience, if none there has it any more. */
  formerOwnerOf(audience: string, operation: string): string | undefined {
    const owner = this.lastOwners.get(audience)?.get(operation);
    return owner !== undefined && this.ownersOf(audience, operation).length === 0 ? owner : undefined;
  }

  /** Whether the resources of any audience add claims to its tokens. */
  get hasClaims(): boolean {
    return this.claims.size > 0;
  }

  /** What the resources of this audience add to its tokens. */
  claimsOf(audience: string): AudienceClaims | undefined {
    return this.claims.get(audience);
  }

  /** Whether the audience is registered and none of its resources has an operation. */
  lacksOperations(audience: string): boolean {
    const sharers = this.withAudience(audience);
    return sharers.length > 0 && sharers.every(({ operations }) => operations.length === 0);
  }

  /** Whether the resource has the operation; any resource but the server's own types for `*`. */
  hasOperation(resource: string, operation: string): boolean {
    if (resource === '*') {
      this.operationsOfAny ??= new Set(
        this.all().flatMap((one) => (isOwnType(one.id) ? [] : [...namesOf(one)])),
      );
      return this.operationsOfAny.has(operation);
    }
    return this.operations.get(resource)?.has(operation) ?? false;
  }
}

function namesOf({ operations }: Resource): ReadonlySet<string> {
  let names = operationNames.get(operations);
  if (!names) {
    names = new Set(operations.map(({ name }) => name));
    operationNames.set(operations, names);
  }
  return names;
}

function ownersByOperation(resources: readonly Resource[]): Map<string, Resource[]> {
  const owners = new Map<string, Resource[]>();
  for (const resource of resources) {
    for (const { name } of resource.operations) {
      const known = owners.get(name);
      if (known) known.push(resource);
      else owners.set(name, [resource]);
    }
  }
  return owners;
}
