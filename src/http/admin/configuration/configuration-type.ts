import type { ConfigurationKind } from '../../../database/configuration-revision.js';
import { refuseFaults } from '../../../protocol/problem.js';
import type { SigningAlg } from '../../../protocol/signing-alg.js';
import type { Writer } from '../access/writer.js';
import { isObject, type JsonObject, mergeObject } from '../body/merge-patch.js';
import { changedReadOnly } from '../body/read-only.js';
import type { SearchDefinition } from '../search/search-definition.js';
import type { ConfigurationTypeName } from './configuration-audit.js';
import type { Removal } from './removal.js';
import { saysTheSame } from './unchanged.js';

/** What every stored configuration has. */
export interface Stored {
  id: string;
  version: number;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}

export type WriteMethod = 'POST' | 'PUT' | 'PATCH';

/** One write, inside its transaction. */
export interface Write<T, P> {
  writer: Writer;
  id: string;
  /** What is there now; null: nothing. */
  current: T | null;
  /** All members of the new form. */
  body: JsonObject;
  prepared: P;
}

/** How the administration API handles one type of configuration: T is stored, P is prepared before a write. */
export abstract class ConfigurationType<T extends Stored, P = undefined> {
  abstract readonly name: ConfigurationTypeName;
  /** What a write changes, and what a deletion does. */
  abstract readonly kinds: readonly ConfigurationKind[];
  abstract readonly kindsOfRemoval: readonly ConfigurationKind[];
  abstract readonly search: SearchDefinition;

  abstract find(id: string): Promise<T | null>;
  abstract findMany(ids: readonly string[]): Promise<T[]>;
  /** The wire form; never a secret. */
  abstract view(stored: T): JsonObject;
  /** Slow work, and questions to other tables of rows than configuration: nothing of it may hold up a transaction. */
  abstract prepare(id: string, body: JsonObject, method: WriteMethod): Promise<P>;
  /** Runs inside the transaction, perhaps more than once. Answers `current` itself when nothing changes. */
  abstract save(write: Write<T, P>): Promise<T>;
  /** Answers what went with it. */
  abstract remove(writer: Writer, current: T): Promise<Removal>;

  merge(current: T, patch: JsonObject): JsonObject {
    const view = this.view(current);
    const meta = isObject(patch.meta) ? { meta: { ...(view.meta as JsonObject), ...patch.meta } } : patch;
    refuseFaults(changedReadOnly(view, meta, ['meta']));
    return mergeObject(view, patch);
  }

  /** Whether a new form says what is stored already. */
  protected isStored(next: T, current: T | null): current is T {
    return current !== null && saysTheSame(this.view(current), this.view(next));
  }

  /** Members that are shown in the answer to this write and never again. */
  shownOnce(_prepared: P): JsonObject {
    return {};
  }

  /** What a caller should know before a deletion. */
  async notesOfRemoval(_id: string): Promise<JsonObject> {
    return {};
  }

  /** The algorithm that needs a key now. */
  signingAlg(_stored: T): SigningAlg | undefined {
    return undefined;
  }

  /** Waits until the write has taken effect; null: the deletion. */
  async settle(_stored: T | null): Promise<void> {}
}

export const stampOf = (id: string, current: Stored | null, now: number): Stored => ({
  id,
  version: (current?.version ?? 0) + 1,
  createdAt: current?.createdAt ?? now,
  updatedAt: now,
});
