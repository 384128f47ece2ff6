import type { EntityManager } from 'typeorm';
import { isDuplicate } from './storage-error.js';

/** Writes what a transaction has collected. */
export type Finish<T> = (items: readonly T[]) => Promise<void>;

/** The state of one attempt of a transaction. */
export interface OpenTransaction {
  manager: EntityManager;
  /**
   * Nothing more is written after it: the engine may have rolled back by itself, and would commit each further
   * statement.
   */
  failure?: unknown;
  committed: (() => void)[];
  collected: Map<Finish<never>, unknown[]>;
  /** What was read, by name: `UnitOfWork.remembered`. */
  remembered: Map<string, Promise<unknown>>;
  /** A timer set inside the transaction runs outside every transaction after its end. */
  ended?: true;
}

export const openTransaction = (manager: EntityManager, committed: (() => void)[]): OpenTransaction => ({
  manager,
  committed,
  collected: new Map(),
  remembered: new Map(),
});

/** One repository call within it; after a failure no further one is made. */
export async function queryWithin<T>(
  transaction: OpenTransaction,
  call: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  if (transaction.failure !== undefined) throw transaction.failure;
  try {
    return await call(transaction.manager);
  } catch (error) {
    // A duplicate key undoes its own statement only, and the caller may expect it.
    if (!isDuplicate(error)) transaction.failure ??= error;
    throw error;
  }
}
