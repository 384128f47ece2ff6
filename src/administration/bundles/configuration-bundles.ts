import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConfigurationRevision } from '../../database/configuration-revision.js';
import { KeyRing } from '../../keys/key-ring.service.js';
import { conflict, notFound } from '../../protocol/problem.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { betweenSlices } from '../../runtime/slices.js';
import type { Caller } from '../access/permissions.js';
import { lacking, Permits } from '../access/permits.js';
import { ClientType } from '../clients/client-type.js';
import type { ConfigurationTypeName } from '../configuration/configuration-audit.js';
import { ConfigurationSteps } from '../configuration/configuration-steps.js';
import type { ConfigurationType } from '../configuration/configuration-type.js';
import { Preconditions } from '../configuration/preconditions.js';
import { NOTHING_ELSE, type Removal } from '../configuration/removal.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { headOf } from '../documents/meta.js';
import type { Stored } from '../documents/stored.js';
import { IssuerType } from '../issuers/issuer-type.js';
import { PolicyType } from '../policies/policy-type.js';
import { ResourceType } from '../resources/resource-type.js';
import type { BundleEntry } from './bundle.dto.js';
import { BundleWriters } from './bundle-writers.js';
import { errorAtEntry } from './entry-error.js';

/** On a database server: two thousand writes of a few milliseconds each. */
const MAX_BUNDLE_MS = 20_000;
/** Secrets are hashed two at a time, so more would only wait. */
const PREPARED_AT_ONCE = 8;

type AnyType = ConfigurationType<Stored, unknown>;

interface PreparedEntry {
  entry: BundleEntry;
  type: AnyType;
  id: string;
  prepared: unknown;
}

/** What became of an entry. */
export interface EntryOutcome {
  position: number;
  type: ConfigurationTypeName;
  id: string;
  kind: 'created' | 'changed' | 'unchanged' | 'deleted';
  /** Absent after a deletion. */
  stored?: Stored;
  /** The document as the caller may see it, with what only this response contains; absent after a deletion. */
  document?: JsonObject;
  /** What was deleted or changed with it. */
  removal: Removal;
}

type Step = Omit<EntryOutcome, 'document'> & { prepared: PreparedEntry };

/**
 * Writes the documents of a Bundle in one transaction, each judged like a write of its own at its place in the order:
 * trusted issuers, clients, resources, policies, then deletions the other way round, so that references within the Bundle hold.
 */
@Injectable()
export class ConfigurationBundles {
  private readonly types: ReadonlyMap<ConfigurationTypeName, AnyType>;

  constructor(
    issuers: IssuerType,
    clients: ClientType,
    resources: ResourceType,
    policies: PolicyType,
    private readonly permits: Permits,
    private readonly writers: BundleWriters,
    private readonly steps: ConfigurationSteps,
    private readonly revision: ConfigurationRevision,
    private readonly keys: KeyRing,
  ) {
    this.types = new Map<ConfigurationTypeName, AnyType>([
      ['TrustedIssuer', issuers],
      ['Client', clients],
      ['Resource', resources],
      ['AccessPolicy', policies],
    ]);
  }

  get typeNames(): ConfigurationTypeName[] {
    return [...this.types.keys()];
  }

  /** Throws 403 for a caller that may write nothing: the server parses no body for it. */
  async requireAny(caller: Caller): Promise<void> {
    for (const name of this.typeNames) if (await this.permits.hasAny(caller, name)) return;
    throw lacking('Client', '*', 'create');
  }

  /** The outcomes in the order of the request. A dry run is judged and carried out alike, and rolled back. */
  async apply(caller: Caller, entries: readonly BundleEntry[], isDryRun: boolean): Promise<EntryOutcome[]> {
    for (const entry of entries) await this.requirePermission(caller, entry);
    const prepared = await this.prepareAll(caller, entries, isDryRun);
    const steps = await this.carryOut(caller, inOrder(prepared, this.typeNames), isDryRun);
    if (!isDryRun) await this.settle(steps);
    const outcomes = await Promise.all(steps.map((step) => this.shown(caller, step, isDryRun)));
    return outcomes.sort((one, other) => one.position - other.position);
  }

  private async carryOut(
    caller: Caller,
    entries: readonly PreparedEntry[],
    isDryRun: boolean,
  ): Promise<Step[]> {
    const kinds = [
      ...new Set(
        entries.flatMap(({ type, entry }) => (entry.method === 'DELETE' ? type.kindsOfRemoval : type.kinds)),
      ),
    ];
    try {
      return await this.revision.change(
        kinds,
        async () => {
          const steps = await this.stepsOf(caller, entries);
          if (isDryRun || steps.every(({ kind }) => kind === 'unchanged')) throw new RolledBack(steps);
          return steps;
        },
        MAX_BUNDLE_MS,
      );
    } catch (error) {
      if (error instanceof RolledBack) return error.steps;
      throw error;
    }
  }

  private async stepsOf(caller: Caller, entries: readonly PreparedEntry[]): Promise<Step[]> {
    const writers = this.writers.of(caller);
    const steps: Step[] = [];
    for (const prepared of entries) {
      try {
        const step = await this.step(caller, prepared, writers);
        // On SQLite, nothing within the transaction waits for I/O.
        await betweenSlices();
        if (step.kind !== 'unchanged') writers.note(step);
        steps.push({ ...step, prepared });
      } catch (error) {
        throw errorAtEntry(error, prepared.entry);
      }
    }
    return steps;
  }

  private async step(
    caller: Caller,
    { entry, type, id, prepared }: PreparedEntry,
    writers: ReturnType<BundleWriters['of']>,
  ): Promise<Omit<EntryOutcome, 'document'>> {
    const { position, method, conditions, body = {} } = entry;
    const current = await type.find(id);
    const writer = await writers.require(type.name, id, operationOf(method, current));
    const head = { position, type: type.name, id, removal: NOTHING_ELSE };
    new Preconditions(conditions).assertHold(current?.version ?? null);
    if (method === 'DELETE') {
      if (!current) return { ...head, kind: 'unchanged' };
      return { ...head, kind: 'deleted', removal: await this.steps.remove(type, caller, writer, current) };
    }
    if (method === 'POST' && current) throw conflict(`${type.name}/${id} already exists`);
    if (method === 'PATCH' && !current) throw notFound(type.name, id);
    const patch = method === 'PATCH' ? body : undefined;
    const members = patch && current ? this.steps.merge(type, writer, current, patch) : body;
    const write = { writer, id, current, body: members, prepared, patch };
    const stored = await this.steps.save(type, write);
    return { ...head, stored, kind: stored === current ? 'unchanged' : current ? 'changed' : 'created' };
  }

  /** Before anything is prepared, because hashing secrets is slow. Tells no caller whether an id exists. */
  private async requirePermission(caller: Caller, entry: BundleEntry): Promise<void> {
    const { type, method, id = '*' } = entry;
    const needed = (
      { POST: ['create'], PUT: ['update', 'create'], PATCH: ['update'], DELETE: ['delete'] } as const
    )[method];
    for (const operation of needed) if (await this.permits.has(caller, type, id, operation)) return;
    throw errorAtEntry(lacking(type, id, needed[0]), entry);
  }

  private async prepareAll(
    caller: Caller,
    entries: readonly BundleEntry[],
    isDryRun: boolean,
  ): Promise<PreparedEntry[]> {
    const prepared: PreparedEntry[] = [];
    for (let at = 0; at < entries.length; at += PREPARED_AT_ONCE) {
      const some = entries.slice(at, at + PREPARED_AT_ONCE);
      prepared.push(...(await Promise.all(some.map((entry) => this.prepare(caller, entry, isDryRun)))));
    }
    return prepared;
  }

  /** A dry run tells whether a secret is right only to a caller that may rotate it: it would be a silent guess. */
  private async prepare(caller: Caller, entry: BundleEntry, isDryRun: boolean): Promise<PreparedEntry> {
    const type = this.types.get(entry.type) as AnyType;
    const id = entry.id ?? randomUUID();
    const { method, body } = entry;
    if (method === 'DELETE' || !body) return { entry, type, id, prepared: undefined };
    const prepared = await type.prepare(id, body, method);
    const isSecretHidden = isDryRun && !(await this.permits.has(caller, type.name, id, 'rotate'));
    return { entry, type, id, prepared: isSecretHidden ? type.rehearsed(prepared) : prepared };
  }

  /** Keys and the end of disabled clients' tokens, once for all entries. */
  private async settle(steps: readonly Step[]): Promise<void> {
    const changed = steps.filter(({ kind }) => kind !== 'unchanged');
    const algs = changed.map(({ prepared: { type }, stored }) => stored && type.signingAlg(stored));
    for (const alg of new Set(algs)) if (alg) await this.keys.ensure(alg).catch(ignoreUnavailable);
    await Promise.all(changed.map(({ prepared: { type }, stored }) => type.settle(stored ?? null)));
  }

  /** A caller that may not read a document gets its head only. A dry run shows no generated secret: it does not exist. */
  private async shown(caller: Caller, step: Step, isDryRun: boolean): Promise<EntryOutcome> {
    const { prepared, ...outcome } = step;
    const { stored, id, kind } = outcome;
    if (!stored) return outcome;
    const { type } = prepared;
    const isReadable = await this.permits.has(caller, type.name, id, 'read');
    const shown = isReadable ? type.view(stored) : headOf(type.name, stored);
    const isShownOnce = kind === 'created' && !isDryRun;
    return { ...outcome, document: { ...shown, ...(isShownOnce ? type.shownOnce(prepared.prepared) : {}) } };
  }
}

/** Rolls back a dry run, and a Bundle that changes nothing. */
class RolledBack extends Error {
  constructor(readonly steps: Step[]) {
    super('the Bundle was rolled back');
  }
}

const operationOf = (method: BundleEntry['method'], current: Stored | null) => {
  if (method === 'DELETE') return 'delete';
  if (method === 'PATCH') return 'update';
  return method === 'POST' || !current ? 'create' : 'update';
};

function inOrder(
  entries: readonly PreparedEntry[],
  types: readonly ConfigurationTypeName[],
): PreparedEntry[] {
  const rank = ({ entry: { type, method } }: PreparedEntry) =>
    method === 'DELETE' ? 2 * types.length - types.indexOf(type) : types.indexOf(type);
  return [...entries].sort((one, other) => rank(one) - rank(other));
}

/** The writes are committed; a key that cannot be created now is created when a token needs it. */
function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof TemporarilyUnavailable)) throw error;
}
