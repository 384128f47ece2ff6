/** The largest power of two that is not above either, so that a server prepares only a few statements. */
export const powerOfTwo = (waiting: number, most: number): number =>
  2 ** Math.floor(Math.log2(Math.min(waiting, most)));

/** Pieces of such sizes. */
export function* inPowersOfTwo<T>(all: readonly T[], most: number): Generator<T[]> {
  for (let start = 0; start < all.length; ) {
    const size = powerOfTwo(all.length - start, most);
    yield all.slice(start, start + size);
    start += size;
  }
}
