/** A count and the epoch milliseconds at which its window ends. */
export interface WindowCount {
  points: number;
  expire: number;
}

/** The window of a count: it ends at `end`; a stored one that ends by `now` or after `last` is replaced. */
export interface CountWindow {
  now: number;
  end: number;
  last: number;
}

export const COUNT_TABLE = 'failure_count';

/** Counts that all processes of a database share. */
export interface WindowCounts {
  /** Counts one more; concurrent calls get different results. */
  add(key: string, window: CountWindow): Promise<WindowCount>;
  close(): Promise<void>;
}
