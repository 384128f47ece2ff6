/** Calls `read` at most once in this time; a failed call is repeated at the next one. */
export function remembered<T>(milliseconds: number, read: () => Promise<T>): () => Promise<T> {
  let last: { value: Promise<T>; until: number } | undefined;
  return () => {
    if (last && performance.now() < last.until) return last.value;
    const value = read();
    const current = { value, until: performance.now() + milliseconds };
    last = current;
    value.catch(() => {
      if (last === current) last = undefined;
    });
    return value;
  };
}
