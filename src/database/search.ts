import { Injectable } from '@nestjs/common';
import type { SqlValue, Statement } from './durable-writer.js';
import { countStatement, pageStatement, type Search, type SortColumn } from './search-sql.js';
import { UnitOfWork } from './unit-of-work.js';

/** Finds the rows of one table page by page, the same on both engines; what a row holds is left to its repository. */
@Injectable()
export class Searches {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** The sort values of each row of the page, in order; the last of them is the row's key. */
  async page(search: Search): Promise<SqlValue[][]> {
    const rows = await this.run(pageStatement(search));
    return rows.map((row) => search.order.map((column, position) => sortValue(column, row[`k${position}`])));
  }

  /** How many rows there are, or `most` when there are more. */
  async count(search: Pick<Search, 'from' | 'where'>, most: number): Promise<number> {
    const [row] = await this.run(countStatement(search, most));
    return Number(row?.found);
  }

  private run({ sql, values }: Statement): Promise<Record<string, unknown>[]> {
    return this.unitOfWork.query((manager) => manager.query(sql, [...values]));
  }
}

const sortValue = ({ kind }: SortColumn, value: unknown): SqlValue =>
  kind === 'number' ? Number(value) : String(value);
