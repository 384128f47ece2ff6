/** Few enough for the parameters of one statement, many enough for few statements. */
export const ROWS_PER_STATEMENT = 200;

export function* portions<T>(items: readonly T[], size = ROWS_PER_STATEMENT): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
