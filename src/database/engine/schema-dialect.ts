import type { TableColumnOptions } from 'typeorm';

/** How an engine's SQL differs; migrations and searches are composed of it. */
export interface SchemaDialect {
  /** ASCII text that is compared byte by byte. */
  readonly ascii: Partial<TableColumnOptions>;
  /** Any text, likewise. */
  readonly unicode: Partial<TableColumnOptions>;
  /** The same as a definition in plain SQL, after the type. */
  readonly asciiSql: string;
  readonly unicodeSql: string;
  readonly bigTextType: string;
  readonly flagType: string;
  /** Of a table that is clustered by its key, where the engine can. */
  readonly table: { engine?: string; withoutRowid?: boolean };
  /** An INSERT that leaves a row whose key exists unchanged; `rest` follows INTO. */
  insertMissing(rest: string): string;
  /** The end of an INSERT: a row whose key exists gets its `sum` added. */
  addOnDuplicate(table: string, key: readonly string[], sum: string): string;
  /** The same, but it keeps the greater value. */
  keepGreaterOnDuplicate(table: string, key: readonly string[], value: string): string;
  /** Whether a JSON array has an item of the array that is this member of a JSON object; false without it. */
  shareItem(array: string, object: string, member: string): string;
  /** A CREATE INDEX up to the name. */
  readonly createIndex: string;
  /** The codes of steps that are done already. */
  readonly exists: { table?: string; column?: string; index?: string };
  /** The code of an ALTER TABLE that drops a column which is gone already. */
  readonly droppedColumn?: string;
  /** The code of a SELECT that names a column which the table does not have. */
  readonly unknownColumn: string;
}
