import { Inject, Injectable, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { FairShare } from '../../runtime/fair-share.js';
import type { SqlValue, Statement } from '../durable-writer.js';
import { MysqlHeartbeat } from '../mysql/mysql-heartbeat.js';
import { MysqlSearch } from './mysql-search.js';
import { countStatement, pageStatement, type Search, type SortColumn } from './search-sql.js';
import { MAX_SEARCH_MILLISECONDS, SearchTimeout } from './search-timeout.js';
import { SqliteSearch } from './sqlite-search.js';

/** Two, so that one slow search leaves the other lane to other callers. */
const LANES = 2;
const MAX_WAITING_PER_CALLER = 64;
const MAX_WAITING = 512;

/** Runs one statement of a search; the caller holds the lane. */
interface SearchEngine {
  run(statement: Statement): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Finds rows for the holder of one lane. */
export class SearchLane {
  constructor(private readonly engine: SearchEngine) {}

  /** The sort values of each row of the page, in order; the last of them is the row's key. */
  async page(search: Search): Promise<SqlValue[][]> {
    const rows = await this.engine.run(pageStatement(search));
    return rows.map((row) => search.order.map((column, position) => sortValue(column, row[`k${position}`])));
  }

  /** How many rows there are, or `max` when there are more. */
  async count(search: Pick<Search, 'from' | 'where'>, max: number): Promise<number> {
    const [row] = await this.engine.run(countStatement(search, max));
    return Number(row?.found);
  }
}

/**
 * Searches tables page by page, the same on both engines, with connections of their own: no search takes one that
 * tokens need. What a row holds is left to its repository.
 */
@Injectable()
export class Searches implements OnApplicationShutdown {
  private readonly engines: readonly SearchEngine[];
  private readonly share = new FairShare({
    lanes: LANES,
    maxWaitingPerCaller: MAX_WAITING_PER_CALLER,
    maxWaiting: MAX_WAITING,
    maxMilliseconds: MAX_SEARCH_MILLISECONDS,
    tooLong: () => new SearchTimeout(),
  });

  constructor({ database }: Settings, @Optional() @Inject(MysqlHeartbeat) pulse?: MysqlHeartbeat) {
    this.engines = Array.from({ length: LANES }, () =>
      database.engine === 'sqlite' ? new SqliteSearch(database.file) : new MysqlSearch(database, pulse),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.close()));
  }

  /**
   * Runs `work` when it is the caller's turn.
   * @throws SearchTimeout when it takes too long, TemporarilyUnavailable when its turn does not come in time.
   */
  inTurn<T>(caller: string, work: (lane: SearchLane) => Promise<T>): Promise<T> {
    return this.share.run(caller, (lane) => work(new SearchLane(this.engines[lane] as SearchEngine)));
  }
}

const sortValue = ({ kind }: SortColumn, value: unknown): SqlValue =>
  kind === 'number' ? Number(value) : String(value);
