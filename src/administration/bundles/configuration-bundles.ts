import { Injectable } from '@nestjs/common';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { KeyRing } from '../../keys/key-ring.service.js';
import { conflict, notFound } from '../../protocol/problem.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { betweenSlices } from '../../runtime/slices.js';
import type { Caller } from '../access/permissions.js';
import { lacking, Permits } from '../access/permits.js';
import { ConfigurationSteps } from '../configuration/configuration-steps.js';
import { Preconditions } from '../configuration/preconditions.js';
import { NOTHING_ELSE } from '../configuration/removal.js';
import { headOf } from '../documents/meta.js';
import type { Stored } from '../documents/stored.js';
import type { BundleEntry } from './bundle.dto.js';
import { BundleBudget, MAX_BUNDLE_MS } from './bundle-budget.js';
import { BundlePreparation } from './bundle-preparation.js';
import {
  type EntryOutcome,
  inOrder,
  nameOf,
  operationOf,
  type PreparedEntry,
  type Step,
  storedOf,
} from './bundle-steps.js';
import { BundleTypes } from './bundle-types.js';
import { BundleWriters } from './bundle-writers.js';
import { errorAtEntry } from './entry-error.js';

/**
 * Writes the documents of a Bundle in one transaction, each judged like a write of its own at its place in the order:
 * trusted issuers, clients, resources, policies, then deletions the other way round, so that references within the Bundle hold.
 */
@Injectable()
export class ConfigurationBundles {
  constructor(
    private readonly types: BundleTypes,
    private readonly preparation: BundlePreparation,
    private readonly permits: Permits,
    private readonly writers: BundleWriters,
    private readonly steps: ConfigurationSteps,
    private readonly revision: ConfigurationRevision,
    private readonly keys: KeyRing,
  ) {}

  /** Throws 403 for a caller that may write nothing: the server parses no body for it. */
  async requireAny(caller: Caller): Promise<void> {
    for (const name of this.types.names) if (await this.permits.hasAny(caller, name)) return;
    throw lacking('Client', '*', 'create');
  }

  /** The outcomes in the order of the request. A dry run is judged and carried out alike, and rolled back. */
  async apply(caller: Caller, entries: readonly BundleEntry[], isDryRun: boolean): Promise<EntryOutcome[]> {
    const prepared = await this.preparation.prepare(caller, entries, isDryRun);
    const steps = await this.carryOut(caller, inOrder(prepared, this.types.names), isDryRun);
    if (!isDryRun) await this.settle(steps);
    const outcomes = await Promise.all(steps.map((step) => this.shown(caller, step, isDryRun)));
    return outcomes.sort((one, other) => one.position - other.position);
  }

  /** What `read` finds in the configuration that the entries would make: it runs in the transaction of a dry run. */
  async rehearse<T>(
    caller: Caller,
    entries: readonly BundleEntry[],
    read: (steps: readonly Step[]) => Promise<T>,
  ): Promise<T> {
    const prepared = await this.preparation.prepare(caller, entries, true);
    const found: T[] = [];
    await this.carryOut(caller, inOrder(prepared, this.types.names), true, async (steps) => {
      found.push(await read(steps));
    });
    return found[0] as T;
  }

  private async carryOut(
    caller: Caller,
    entries: readonly PreparedEntry[],
    isDryRun: boolean,
    look?: (steps: readonly Step[]) => Promise<void>,
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
          await look?.(steps);
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
    const budget = new BundleBudget(entries.length);
    const steps: Step[] = [];
    let stored = new Map<string, Stored | null>();
    for (const [at, prepared] of entries.entries()) {
      budget.require(at);
      try {
        if (!stored.has(nameOf(prepared))) stored = await storedOf(entries, at);
        const current = stored.get(nameOf(prepared)) ?? null;
        const step = await this.step(caller, prepared, current, writers);
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
    current: Stored | null,
    writers: ReturnType<BundleWriters['of']>,
  ): Promise<Omit<EntryOutcome, 'document'>> {
    const { position, method, conditions, body = {} } = entry;
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

/** The writes are committed; a key that cannot be created now is created when a token needs it. */
function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof TemporarilyUnavailable)) throw error;
}
