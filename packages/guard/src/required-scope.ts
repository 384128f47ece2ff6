/** A required scope item, or a function that returns it, such as ``(request) => `book:${request.params.id}:read` ``. */
export type Requirement<Request> = string | ((request: Request) => string | readonly string[]);

/** Validates the required items when the route is defined, not at the first request. */
export function readRequirements<Request>(
  required: readonly Requirement<Request>[],
): (request: Request) => string[] {
  if (required.length === 0)
    throw new TypeError('requireScope requires a scope item; use requireToken if no scope is needed');
  for (const item of required) {
    if (typeof item !== 'function' && !isScopeItem(item)) {
      throw new TypeError(`requireScope accepts one scope item at a time, not ${JSON.stringify(item)}`);
    }
  }
  return (request) =>
    required.flatMap((item) => {
      const items = [typeof item === 'function' ? item(request) : item].flat();
      // Without items, every token would be accepted.
      if (items.length === 0) throw new TypeError('a function passed to requireScope returned no scope item');
      return items;
    });
}

/** Two items in one string would count as one item that no token has. */
const isScopeItem = (item: unknown): boolean => typeof item === 'string' && /^[!-~]+$/.test(item);
