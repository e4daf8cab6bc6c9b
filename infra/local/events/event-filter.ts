import type { Json, JsonObject } from '../shared/json.ts';
import { asList, isObject } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';

/** Whether an event matches at least one of the patterns. Without patterns every event matches. */
export function passesFilters(patterns: readonly JsonObject[], event: JsonObject): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(pattern, event));
}

/**
 * Checks that a pattern consists of lists of exact values, the only rules that are supported.
 *
 * @param owner names the resource in the error, such as `rule OnUpload`
 * @throws StartProblem for `$or` and for operators such as `prefix`
 */
export function checkPattern(pattern: JsonObject, owner: string): void {
  for (const [key, wanted] of Object.entries(pattern)) {
    const rule = asList(wanted).find(isObject);
    if (key === '$or' || (Array.isArray(wanted) && rule !== undefined))
      throw new StartProblem(
        `The pattern of ${owner} uses ${Object.keys(rule ?? {})[0] ?? key}; the local stack matches exact values only.`,
      );
    if (isObject(wanted)) checkPattern(wanted, owner);
  }
}

function matches(pattern: JsonObject, value: Json | undefined): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const actual = isObject(value) ? value[key] : undefined;
    if (!Array.isArray(wanted)) return isObject(wanted) && matches(wanted, actual);
    const values: (Json | undefined)[] = Array.isArray(actual) ? actual : [actual];
    return wanted.some((exact) => values.includes(exact));
  });
}
