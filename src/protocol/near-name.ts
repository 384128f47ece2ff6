const MAX_EDITS = 2;
/** Comparing takes some microseconds for each name. */
const MAX_COMPARED_NAMES = 1000;
/** A shorter name is like too many others. */
const MIN_LENGTH_OF_TWO_EDITS = 6;

/** The first of these names that this one was probably meant to be: another in case, or a slip or two away. */
export function nearName(name: string, names: readonly string[]): string | undefined {
  const meant = name.toLowerCase();
  const edits = name.length < MIN_LENGTH_OF_TWO_EDITS ? 1 : MAX_EDITS;
  const compared = names
    .filter((one) => Math.abs(one.length - name.length) <= edits)
    .slice(0, MAX_COMPARED_NAMES);
  for (let slips = 0; slips <= edits; slips++) {
    const near = compared.find((one) => isWithin(meant, one.toLowerCase(), slips));
    if (near !== undefined) return near;
  }
  return undefined;
}

/** Whether one text becomes the other by so many characters put in, left out, replaced or swapped with the next. */
function isWithin(one: string, other: string, edits: number): boolean {
  if (Math.abs(one.length - other.length) > edits) return false;
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  const [a, b] = [one.slice(same), other.slice(same)];
  if (a === b) return true;
  if (edits === 0) return false;
  return (
    isWithin(a.slice(1), b.slice(1), edits - 1) ||
    isWithin(a.slice(1), b, edits - 1) ||
    isWithin(a, b.slice(1), edits - 1) ||
    (a[0] === b[1] && a[1] === b[0] && isWithin(a.slice(2), b.slice(2), edits - 1))
  );
}
