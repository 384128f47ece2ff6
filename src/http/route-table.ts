/** The name of an operation is not an id. */
const ID = /^[^$]/;

/** The methods of each path, so that a wrong method is distinguished from an unknown path (RFC 9110 15.5.6). */
export class RouteTable {
  private readonly routes: { segments: string[]; method: string }[] = [];

  add(method: string | string[], pattern: string): void {
    for (const one of [method].flat()) this.routes.push({ segments: pattern.split('/'), method: one });
  }

  /**
   * The path that was probably meant: without repeated, trailing and dot segments, decoded, and in the routes' case.
   * Undefined if that is not a path either, or is the path itself.
   */
  near(path: string): string | undefined {
    const segments = plainSegments(path);
    for (const { segments: pattern } of this.routes) {
      if (pattern.length !== segments.length || pattern.includes('*')) continue;
      const written = pattern.map((segment, at) => (segment.startsWith(':') ? segments[at] : segment));
      const fits = pattern.every((segment, at) =>
        segment.startsWith(':')
          ? ID.test(segments[at] ?? '')
          : segment.toLowerCase() === segments[at]?.toLowerCase(),
      );
      const address = written.join('/');
      if (fits && address !== path && this.methodsAt(address).length > 0) return address;
    }
    return undefined;
  }

  /** The methods of this path; empty if it does not exist. */
  methodsAt(path: string): string[] {
    const segments = path.split('/');
    return methodsOf(this.routes.filter((route) => matches(route.segments, segments)));
  }
}

/** RFC 3986 5.2.4 and 6.2.2; an empty first segment means the root. */
function plainSegments(path: string): string[] {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(decoded(segment));
  }
  return ['', ...segments];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
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
