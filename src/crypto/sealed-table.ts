/** One sealed value at rest: the row that it stands in, and what it is bound to. */
export interface SealedRow {
  id: string;
  purpose: string;
  sealed: string;
}

/** A table whose rows are sealed under the master key: a rotation visits every row of every such table. */
export interface SealedTable {
  sealedRows(): Promise<SealedRow[]>;
  putSealed(id: string, sealed: string): Promise<void>;
}
