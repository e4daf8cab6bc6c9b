import { StartProblem } from '../shared/problem.ts';

export type RouteKey = { routeKey: string; method: string; segments: string[] };

export type RouteMatch<R> = { route: R; pathParameters: Record<string, string> | undefined };

/**
 * Splits a route key such as `GET /clients/{id}` or `OPTIONS /{proxy+}`; `$default` matches every request.
 *
 * @throws StartProblem for the method `ANY`, and for a greedy parameter that is not the last segment
 */
export function parseRouteKey(routeKey: string): RouteKey {
  if (routeKey === '$default') return { routeKey, method: '', segments: [] };
  const [method = '', path = '/'] = routeKey.split(' ');
  if (method === 'ANY')
    throw new StartProblem(`Route ${routeKey} matches any method, which the local stack does not support.`);
  const segments = splitPath(path);
  if (segments.slice(0, -1).some(isGreedy))
    throw new StartProblem(`Route ${routeKey} has a greedy parameter before its end.`);
  return { routeKey, method, segments };
}

function splitPath(path: string): string[] {
  return path.replace(/^\//, '').split('/');
}

/**
 * Selects the route of a request as HTTP APIs do: fixed segments before `{parameters}`, from left to right, then routes
 * with a `{greedy+}` end, and `$default` last.
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

function fits({ segments: patterns }: RouteKey, segments: readonly string[]): boolean {
  const isLongEnough = isGreedy(patterns.at(-1))
    ? segments.length >= patterns.length
    : segments.length === patterns.length;
  return (
    isLongEnough &&
    patterns.every((pattern, index) => (isParameter(pattern) ? segments[index] !== '' : pattern === segments[index]))
  );
}

/**
 * Of several matching routes the lowest wins: a digit for a greedy end, then one per segment, 0 for fixed and 1 for a
 * parameter.
 */
function rankOf({ segments }: RouteKey): string {
  return [isGreedy(segments.at(-1)), ...segments.map(isParameter)].map(Number).join('');
}

function parametersOf(route: RouteKey, segments: readonly string[]): Record<string, string> | undefined {
  const parameters = route.segments.flatMap((pattern, index) => {
    if (isGreedy(pattern)) return [[pattern.slice(1, -2), segments.slice(index).join('/')]];
    return isParameter(pattern) ? [[pattern.slice(1, -1), segments[index] ?? '']] : [];
  });
  return parameters.length > 0 ? Object.fromEntries(parameters) : undefined;
}

function isParameter(pattern: string): boolean {
  return pattern.startsWith('{') && pattern.endsWith('}');
}

function isGreedy(pattern: string | undefined): boolean {
  return pattern?.endsWith('+}') ?? false;
}
