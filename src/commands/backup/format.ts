import type { SqlValue } from '../../database/durable-writer.js';
import type { Row } from '../../database/row-reader.js';

/*
 * A backup is gzipped text of one JSON value per line: the header; for each table its name and columns, then each row as
 * a list of values in that order; and the end.
 */

export const FORMAT = 'latchkey-backup';
export const FORMAT_VERSION = 1;

export interface Header {
  format: typeof FORMAT;
  version: number;
  /** The version of Latchkey that wrote the file. */
  latchkey: string;
  /** The migrations of the database. */
  schema: readonly string[];
  engine: string;
  /** When the database was in this state. */
  date: string;
}

export interface TableStart {
  table: string;
  columns: readonly string[];
}

export type RowLine = readonly SqlValue[];

export const rowOf = ({ columns }: TableStart, values: RowLine): Row =>
  Object.fromEntries(columns.map((column, place) => [column, values[place]]));

export interface End {
  /** Over every line before this one: a file that was cut or changed has none that fits. */
  mac: string;
}

/** A backup that cannot be restored: the reason, for the operator. */
export class UnusableBackup extends Error {}
