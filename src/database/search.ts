import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import type { SqlValue, Statement } from './durable-writer.js';
import { countStatement, pageStatement, type Search, type SortColumn } from './search-sql.js';
import { SqliteSearch } from './sqlite-search.js';
import { UnitOfWork } from './unit-of-work.js';

/** Finds the rows of one table page by page, the same on both engines; what a row holds is left to its repository. */
@Injectable()
export class Searches implements OnApplicationShutdown {
  private readonly thread: SqliteSearch | undefined;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    { database }: Settings,
  ) {
    this.thread = database.engine === 'sqlite' ? new SqliteSearch(database.file) : undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.thread?.close();
  }

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

  /** Outside any transaction: what is found is what was committed. */
  private run(statement: Statement): Promise<Record<string, unknown>[]> {
    const { sql, values } = statement;
    return this.thread?.run(statement) ?? this.unitOfWork.query((manager) => manager.query(sql, [...values]));
  }
}

const sortValue = ({ kind }: SortColumn, value: unknown): SqlValue =>
  kind === 'number' ? Number(value) : String(value);
