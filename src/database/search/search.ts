import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { FairShare } from '../../runtime/fair-share.js';
import type { SqlValue, Statement } from '../durable-writer.js';
import { DatabaseEngine } from '../engine/engine.js';
import type { SearchEngine } from '../engine/search-engine.js';
import type { Row } from '../row-reader.js';
import { countStatement, pageStatement, type Search, type SortColumn } from './search-sql.js';
import { MAX_SEARCH_MILLISECONDS, SearchTimeout } from './search-timeout.js';

/** Two, so that one slow search leaves a lane for other callers. */
const LANES = 2;
const MAX_WAITING_PER_CALLER = 64;
const MAX_WAITING = 512;

/** Finds rows for the holder of one lane. */
export class SearchLane {
  constructor(private readonly engine: SearchEngine) {}

  /** The sort values of each row of the page, in order; the last of them is the row's key. */
  async page(search: Search): Promise<SqlValue[][]> {
    const rows = await this.engine.run(pageStatement(search));
    return rows.map((row) => search.order.map((column, position) => sortValue(column, row[`k${position}`])));
  }

  /** Any statement that takes too long for other connections. */
  run(statement: Statement): Promise<Row[]> {
    return this.engine.run(statement);
  }

  /** The number of rows, or `max` if there are more. */
  async count(search: Pick<Search, 'from' | 'where'>, max: number): Promise<number> {
    const [row] = await this.engine.run(countStatement(search, max));
    return Number(row?.found);
  }
}

/**
 * Searches tables page by page, with the same result on every engine, on dedicated connections: no search takes a
 * connection that token requests need. Reading the rows is left to their repository.
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

  constructor(engine: DatabaseEngine) {
    this.engines = Array.from({ length: LANES }, () => engine.openSearch());
  }

  /** How many searches wait for a lane. */
  get waiting(): number {
    return this.share.length;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.close()));
  }

  /**
   * Runs `work` on a lane, with fair sharing between callers.
   * @throws SearchTimeout if it takes too long, TemporarilyUnavailable if no lane is free in time.
   */
  inTurn<T>(caller: string, work: (lane: SearchLane) => Promise<T>): Promise<T> {
    return this.share.run(caller, (lane) => work(new SearchLane(this.engines[lane] as SearchEngine)));
  }
}

const sortValue = ({ kind }: SortColumn, value: unknown): SqlValue =>
  kind === 'number' ? Number(value) : String(value);
