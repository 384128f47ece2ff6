/** The common members of all stored configuration. */
export interface Stored {
  id: string;
  version: number;
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}

export const stampOf = (id: string, current: Stored | null, now: number): Stored => ({
  id,
  version: (current?.version ?? 0) + 1,
  createdAt: current?.createdAt ?? now,
  updatedAt: now,
});
