import type { QueryRunner, TableColumnOptions } from 'typeorm';
import { dialectOf } from './repeatable.js';

/** Column types that compare ids, scopes and audiences case-sensitively on every engine. */
export interface Columns {
  id(name?: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
  word(name: string, length: number, options?: Partial<TableColumnOptions>): TableColumnOptions;
  text(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
  bigText(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
  number(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
  flag(name: string, options?: Partial<TableColumnOptions>): TableColumnOptions;
}

export function columnsFor(queryRunner: QueryRunner): Columns {
  const { ascii, unicode, bigTextType, flagType } = dialectOf(queryRunner);
  return {
    id: (name = 'id', options = {}) => ({ name, type: 'varchar', length: '64', ...ascii, ...options }),
    word: (name, length, options = {}) => ({
      name,
      type: 'varchar',
      length: String(length),
      ...unicode,
      ...options,
    }),
    text: (name, options = {}) => ({ name, type: 'text', ...unicode, ...options }),
    bigText: (name, options = {}) => ({ name, type: bigTextType, ...unicode, ...options }),
    number: (name, options = {}) => ({ name, type: 'bigint', ...options }),
    flag: (name, options = {}) => ({ name, type: flagType, ...options }),
  };
}
