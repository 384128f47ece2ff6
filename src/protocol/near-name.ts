const MAX_EDITS = 2;
/** Each comparison takes some microseconds. */
const MAX_COMPARED_NAMES = 1000;
/** Shorter names are similar to too many others. */
const MIN_LENGTH_OF_TWO_EDITS = 6;

/** The first of these names that was probably meant: equal except for case, or with one or two typing errors. */
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

/** Whether the Damerau-Levenshtein distance is within the limit. */
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
