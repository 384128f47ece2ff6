/** One sealed value at rest: its row, and the purpose it is bound to. */
export interface SealedRow {
  id: string;
  purpose: string;
  sealed: string;
}

/** A table with rows sealed under the master key; a rotation reseals every row of every such table. */
export interface SealedTable {
  sealedRows(): Promise<SealedRow[]>;
  putSealed(id: string, sealed: string): Promise<void>;
}
