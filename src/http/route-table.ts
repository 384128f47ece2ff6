/** An operation's name is no id. */
const ID = /^[^$]/;

/** Which methods each address takes, so that a wrong method is told from an unknown address (RFC 9110 15.5.6). */
export class RouteTable {
  private readonly routes: { segments: string[]; method: string }[] = [];

  add(method: string | string[], pattern: string): void {
    for (const one of [method].flat()) this.routes.push({ segments: pattern.split('/'), method: one });
  }

  /** The methods that this path takes; none when there is nothing at this address. */
  methodsAt(path: string): string[] {
    const segments = path.split('/');
    return methodsOf(this.routes.filter((route) => matches(route.segments, segments)));
  }
}

const methodsOf = (routes: readonly { method: string }[]): string[] =>
  [...new Set(routes.map(({ method }) => method))].sort();

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  const rest = pattern.indexOf('*');
  if (rest < 0 ? pattern.length !== path.length : path.length <= rest) return false;
  return pattern
    .slice(0, rest < 0 ? pattern.length : rest)
    .every((segment, position) =>
      segment.startsWith(':') ? ID.test(path[position] ?? '') : segment === path[position],
    );
}
