/** The largest power of two that exceeds neither argument, so that a server prepares only a few statements. */
export const powerOfTwo = (waiting: number, most: number): number =>
  2 ** Math.floor(Math.log2(Math.min(waiting, most)));

/** Splits a list into batches of such sizes whose items fit together; a single item always fits. */
export function* inPowersOfTwo<T>(
  all: readonly T[],
  most: number,
  fitTogether: (some: readonly T[]) => boolean = () => true,
): Generator<T[]> {
  for (let start = 0; start < all.length; ) {
    let size = powerOfTwo(all.length - start, most);
    let some = all.slice(start, start + size);
    while (size > 1 && !fitTogether(some)) {
      size /= 2;
      some = some.slice(0, size);
    }
    yield some;
    start += size;
  }
}
