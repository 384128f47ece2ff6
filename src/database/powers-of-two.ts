const MOST_ROWS_IN_A_STATEMENT = 256;

/** Powers of two, so that the server prepares only a few statements; what is left over is the next one's. */
export const powerOfTwo = (waiting: number): number =>
  2 ** Math.floor(Math.log2(Math.min(waiting, MOST_ROWS_IN_A_STATEMENT)));

export function* inPowersOfTwo<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; ) {
    const size = powerOfTwo(all.length - start);
    yield all.slice(start, start + size);
    start += size;
  }
}
