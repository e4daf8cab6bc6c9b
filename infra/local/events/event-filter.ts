import type { Json, JsonObject } from '../shared/json.ts';
import { asList, isObject } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';

/** Whether an event passes an event source's filters: any pattern is enough, and no pattern passes everything. */
export function passesFilters(patterns: readonly JsonObject[], event: JsonObject): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(pattern, event));
}

const knownOperators = ['exists', 'prefix', 'suffix', 'equals-ignore-case', 'anything-but', 'numeric'];

/**
 * Finds out before anything is delivered whether a pattern can be judged.
 *
 * @throws StartProblem when it cannot
 */
export function checkPattern(pattern: JsonObject, whose: string): void {
  for (const [key, wanted] of Object.entries(pattern)) {
    if (key === '$or') {
      for (const one of asList(wanted).filter(isObject)) checkPattern(one, whose);
    } else if (isObject(wanted)) {
      checkPattern(wanted, whose);
    } else {
      for (const rule of asList(wanted).filter(isObject)) checkRule(rule, whose);
    }
  }
}

function checkRule(rule: JsonObject, whose: string): void {
  const [operator = ''] = Object.keys(rule);
  const operand = rule[operator];
  if (!knownOperators.includes(operator))
    throw new StartProblem(`The pattern of ${whose} uses ${operator}, which the local stack does not know.`);
  if (operator === 'anything-but' && isObject(operand)) checkRule(operand, whose);
  else if (isObject(operand))
    throw new StartProblem(`The pattern of ${whose} uses ${operator} in a way that the local stack does not know.`);
}

function matches(pattern: JsonObject, value: Json | undefined): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or') return asList(wanted).some((one) => isObject(one) && matches(one, value));
    const actual = isObject(value) ? value[key] : undefined;
    return Array.isArray(wanted)
      ? wanted.some((rule) => matchesRule(rule, actual))
      : isObject(wanted) && matches(wanted, actual);
  });
}

function matchesRule(rule: Json, actual: Json | undefined): boolean {
  if (!isObject(rule)) return rule === null ? actual === null : asValues(actual).some((value) => value === rule);
  const [operator = ''] = Object.keys(rule);
  const operand = rule[operator];
  if (operator === 'exists') return (actual !== undefined) === (operand === true);
  if (actual === undefined) return false;
  const values = asValues(actual);
  switch (operator) {
    case 'prefix':
      return values.some((value) => typeof value === 'string' && value.startsWith(String(operand)));
    case 'suffix':
      return values.some((value) => typeof value === 'string' && value.endsWith(String(operand)));
    case 'equals-ignore-case':
      return values.some((value) => typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase());
    case 'anything-but':
      return isObject(operand)
        ? !values.some((value) => matchesRule(operand, value))
        : values.every((value) => !asList(operand).includes(value));
    case 'numeric':
      return values.some((value) => inRange(asList(operand), Number(value)));
    default:
      throw new StartProblem(`An event filter uses ${operator}, which the local stack does not know.`);
  }
}

function asValues(actual: Json | undefined): Json[] {
  return actual === undefined ? [] : Array.isArray(actual) ? actual : [actual];
}

function inRange(bounds: Json[], value: number): boolean {
  for (let index = 0; index + 1 < bounds.length; index += 2) {
    const bound = Number(bounds[index + 1]);
    const holds = {
      '=': value === bound,
      '<': value < bound,
      '<=': value <= bound,
      '>': value > bound,
      '>=': value >= bound,
    };
    if (!holds[bounds[index] as keyof typeof holds]) return false;
  }
  return true;
}
