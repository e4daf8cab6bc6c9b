import { StartProblem } from '../shared/problem.ts';

export type RouteKey = { routeKey: string; method: string; segments: string[] };

export type RouteMatch<R> = { route: R; pathParameters: Record<string, string> | undefined };

/**
 * Splits a route key such as `GET /clients/{id}`; `$default` matches every request.
 *
 * @throws StartProblem for methods and parameters that the local stack does not match (`ANY`, `{greedy+}`)
 */
export function parseRouteKey(routeKey: string): RouteKey {
  if (routeKey === '$default') return { routeKey, method: '', segments: [] };
  const [method = '', path = '/'] = routeKey.split(' ');
  if (method === 'ANY' || path.includes('+}'))
    throw new StartProblem(`Route ${routeKey} matches any method or any path, which the local stack does not support.`);
  return { routeKey, method, segments: splitPath(path) };
}

function splitPath(path: string): string[] {
  return path.replace(/^\//, '').split('/');
}

/**
 * Selects the route of a request as HTTP APIs do: fixed segments before `{parameters}`, from left to right, and `$default` last.
 *
 * @param path the path as sent, still percent-encoded and without the query; every `%` sequence in it is valid
 */
export function matchRoute<R extends RouteKey>(
  routes: readonly R[],
  method: string,
  path: string,
): RouteMatch<R> | undefined {
  const segments = splitPath(path).map(decodeURIComponent);
  const [best] = routes
    .filter((route) => route.method === method && fits(route, segments))
    .sort((one, other) => (rankOf(one) < rankOf(other) ? -1 : 1));
  if (best !== undefined) return { route: best, pathParameters: parametersOf(best, segments) };
  const fallback = routes.find((route) => route.routeKey === '$default');
  return fallback === undefined ? undefined : { route: fallback, pathParameters: undefined };
}

function fits(route: RouteKey, segments: readonly string[]): boolean {
  return (
    route.segments.length === segments.length &&
    route.segments.every((pattern, index) =>
      isParameter(pattern) ? segments[index] !== '' : pattern === segments[index],
    )
  );
}

/** One digit per segment, 0 for fixed and 1 for a parameter: of several matching routes the lowest wins. */
function rankOf(route: RouteKey): string {
  return route.segments.map((pattern) => (isParameter(pattern) ? 1 : 0)).join('');
}

function parametersOf(route: RouteKey, segments: readonly string[]): Record<string, string> | undefined {
  const parameters = route.segments.flatMap((pattern, index) =>
    isParameter(pattern) ? [[pattern.slice(1, -1), segments[index] ?? '']] : [],
  );
  return parameters.length > 0 ? Object.fromEntries(parameters) : undefined;
}

function isParameter(pattern: string): boolean {
  return pattern.startsWith('{') && pattern.endsWith('}');
}
