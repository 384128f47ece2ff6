import type { SigningAlg } from '../../../packages/protocol/src/signing-alg.js';
import type { ConfigurationKind } from '../../database/revisions/configuration-revision.js';
import { assertNoFaults } from '../../protocol/problem.js';
import type { Writer } from '../access/writer.js';
import type { MembersType } from '../documents/member-checks.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';
import { patchMembers } from '../documents/patch-members.js';
import { changedReadOnly } from '../documents/read-only.js';
import type { Stored } from '../documents/stored.js';
import type { ConfigurationTypeName } from './configuration-audit.js';
import type { Removal } from './removal.js';
import { saysTheSame } from './unchanged.js';

export type WriteMethod = 'POST' | 'PUT' | 'PATCH';

/** One write, inside its transaction. */
export interface Write<T, P> {
  writer: Writer;
  id: string;
  /** The current state; null: does not exist. */
  current: T | null;
  /** All members of the new form. */
  body: JsonObject;
  prepared: P;
  /** The members that a PATCH has; absent: all are replaced. */
  patch?: JsonObject | undefined;
  /** Whether the caller may not read the current state, and must not learn it from the outcome. */
  unseen: boolean;
}

/** Members that permit nothing to any client. */
export const DESCRIPTIVE: ReadonlySet<string> = new Set(['meta', 'name', 'description', 'owner', 'labels']);

/** How the administration API handles one type of configuration: T is stored, P is prepared before a write. */
export abstract class ConfigurationType<T extends Stored, P = undefined> {
  abstract readonly name: ConfigurationTypeName;
  abstract readonly members: MembersType;
  /** Members that a patch cannot remove: their null remains in the merged form, where it is judged. */
  protected readonly keptNulls: readonly string[] = ['resourceType', 'id'];
  /** Members of a patch that is judged by the difference it makes, though the caller may not read the document. */
  protected readonly judgedByDifference: ReadonlySet<string> = DESCRIPTIVE;
  /** Read-only members besides `meta`, which a request may repeat as they are shown. */
  protected readonly shownMembers: readonly string[] = [];
  /** The kinds of configuration that a write changes, and those that a deletion changes. */
  abstract readonly kinds: readonly ConfigurationKind[];
  abstract readonly kindsOfRemoval: readonly ConfigurationKind[];

  abstract find(id: string): Promise<T | null>;
  abstract findMany(ids: readonly string[]): Promise<T[]>;
  /** The API representation; never contains a secret. */
  abstract view(stored: T): JsonObject;
  /** Slow work, and queries of tables other than configuration, which must not run inside the transaction. */
  abstract prepare(id: string, body: JsonObject, method: WriteMethod): Promise<P>;
  /** The preparation that a dry run uses instead. */
  rehearsed(prepared: P): P {
    return prepared;
  }

  /** Runs inside the transaction, possibly repeatedly. Returns `current` itself if nothing changes. */
  abstract save(write: Write<T, P>): Promise<T>;
  /** Returns what was removed with it. */
  abstract remove(writer: Writer, current: T): Promise<Removal>;

  /** The form of it in audit events. */
  audited(stored: T): JsonObject {
    return this.view(stored);
  }

  merge(current: T, patch: JsonObject): JsonObject {
    const view = this.view(current);
    const meta = isObject(patch.meta) ? { meta: { ...(view.meta as JsonObject), ...patch.meta } } : patch;
    assertNoFaults(changedReadOnly(view, meta, ['meta']));
    const merged = patchMembers(this.members, view, patch);
    for (const name of this.keptNulls) if (patch[name] === null) merged[name] = null;
    return merged;
  }

  /** A caller that may not read these members cannot repeat them, and must not find out their values by trying. */
  assertNotGuessed(given: JsonObject): void {
    const guessed = this.shownMembers.filter((name) => given[name] !== undefined);
    assertNoFaults(guessed.map((path) => ({ path, message: 'is read-only: omit it' })));
  }

  /** Whether a new form equals the stored one. To a caller that may not read it, every write is a change. */
  protected isStored(next: T, current: T | null, { unseen }: Write<T, P>): current is T {
    return !unseen && current !== null && saysTheSame(this.view(current), this.view(next));
  }

  /**
   * Whether a write is judged as deleting what is stored and creating the new form, not by their differences: whether
   * there are any must not decide, since the caller may not read what is stored.
   */
  protected isJudgedWhole({ unseen, patch }: Write<T, P>): boolean {
    return unseen && !(patch && Object.keys(patch).every((name) => this.judgedByDifference.has(name)));
  }

  /** Members shown only in the response to this write. */
  shownOnce(_prepared: P): JsonObject {
    return {};
  }

  /** What a caller should know before a deletion. */
  async notesOfRemoval(_id: string): Promise<JsonObject> {
    return {};
  }

  /** The algorithm that needs a signing key now. */
  signingAlg(_stored: T): SigningAlg | undefined {
    return undefined;
  }

  /** Waits until the write has taken effect; null: the deletion. */
  async settle(_stored: T | null): Promise<void> {}
}
