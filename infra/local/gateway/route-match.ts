export type RouteKey = { routeKey: string; method: string; segments: string[] };

export type RouteMatch<R> = { route: R; pathParameters: Record<string, string> | undefined };

/** Splits a route key such as `GET /clients/{id}`; `$default` matches anything. */
export function parseRouteKey(routeKey: string): RouteKey {
  if (routeKey === '$default') return { routeKey, method: 'ANY', segments: [] };
  const [method = 'ANY', path = '/'] = routeKey.split(' ');
  return { routeKey, method, segments: splitPath(path) };
}

function splitPath(path: string): string[] {
  return path.replace(/^\//, '').split('/');
}

/**
 * Finds the route of a request as HTTP APIs do: fixed segments before `{parameters}`, these before `{greedy+}` ones, a route's
 * own method before ANY, and `$default` last.
 *
 * @param path the path as sent, still percent-encoded and without the query; every `%` sequence in it is valid
 */
export function matchRoute<R extends RouteKey>(
  routes: readonly R[],
  method: string,
  path: string,
): RouteMatch<R> | undefined {
  const segments = splitPath(path).map(decodeURIComponent);
  let best: { route: R; rank: number[] } | undefined;
  for (const route of routes) {
    if (route.routeKey === '$default' || (route.method !== 'ANY' && route.method !== method)) continue;
    const rank = rankOf(route, segments);
    if (rank !== undefined && (best === undefined || isBetter(rank, best.rank))) best = { route, rank };
  }
  if (best !== undefined) return { route: best.route, pathParameters: parametersOf(best.route, segments) };
  const fallback = routes.find((route) => route.routeKey === '$default');
  return fallback === undefined ? undefined : { route: fallback, pathParameters: undefined };
}

const fixed = 0;
const parameter = 1;
const greedy = 2;

/** How closely a route fits, segment by segment; lower is closer, undefined is no fit. */
function rankOf(route: RouteKey, segments: readonly string[]): number[] | undefined {
  const rank: number[] = [];
  for (const [index, pattern] of route.segments.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (isGreedy(pattern)) return segment === '' ? undefined : [...rank, greedy, route.method === 'ANY' ? 1 : 0];
    if (isParameter(pattern)) {
      if (segment === '') return undefined;
      rank.push(parameter);
    } else if (pattern === segment) {
      rank.push(fixed);
    } else {
      return undefined;
    }
  }
  return route.segments.length === segments.length ? [...rank, route.method === 'ANY' ? 1 : 0] : undefined;
}

function isBetter(rank: readonly number[], other: readonly number[]): boolean {
  for (let index = 0; index < Math.max(rank.length, other.length); index++) {
    const difference = (rank[index] ?? -1) - (other[index] ?? -1);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function parametersOf(route: RouteKey, segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, pattern] of route.segments.entries()) {
    const value = isGreedy(pattern) ? segments.slice(index).join('/') : segments[index];
    if (isParameter(pattern) || isGreedy(pattern)) {
      parameters[pattern.replace(/^\{|\+?\}$/g, '')] = value ?? '';
    }
  }
  return Object.keys(parameters).length > 0 ? parameters : undefined;
}

function isParameter(pattern: string): boolean {
  return pattern.startsWith('{') && pattern.endsWith('}') && !isGreedy(pattern);
}

function isGreedy(pattern: string): boolean {
  return pattern.startsWith('{') && pattern.endsWith('+}');
}
