/** An item that a request needs, or a function that names it, such as ``(request) => `book:${request.params.id}:read` ``. */
export type Asked<Request> = string | ((request: Request) => string | readonly string[]);

/** Reads what a route asks for; a mistake in it is told when the route is made, not when the first request comes. */
export function readAsked<Request>(asked: readonly Asked<Request>[]): (request: Request) => string[] {
  if (asked.length === 0)
    throw new TypeError('requireScope requires a scope item; use requireToken if no scope is needed');
  for (const item of asked) {
    if (typeof item !== 'function' && !isScopeItem(item)) {
      throw new TypeError(`requireScope accepts one scope item at a time, not ${JSON.stringify(item)}`);
    }
  }
  return (request) =>
    asked.flatMap((item) => {
      const items = [typeof item === 'function' ? item(request) : item].flat();
      // A function that names nothing would let every token in.
      if (items.length === 0) throw new TypeError('a function passed to requireScope returned no scope item');
      return items;
    });
}

/** Two items in one string would be asked for as one that nobody holds. */
const isScopeItem = (item: unknown): boolean => typeof item === 'string' && /^[!-~]+$/.test(item);
