import type { Template } from '../assembly/template.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asObject, asString, asStrings, isObject } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';

export type Condition = { operator: string; key: string; values: string[] };

export type Statement = {
  effect: 'Allow' | 'Deny';
  actions: string[];
  notActions: string[];
  resources: string[];
  notResources: string[];
  conditions: Condition[];
};

/** An action on a resource, with the context keys of conditions. */
export type Attempt = { action: string; resource: string; context?: Readonly<Record<string, readonly string[]>> };

/** Collects the statements of every policy attached to a function's role. */
export function readStatements(template: Template, functionId: string, roleArn: string): Statement[] {
  const role = template
    .ofType('AWS::IAM::Role')
    .find((r) => template.resolve({ 'Fn::GetAtt': [r.logicalId, 'Arn'] }) === roleArn);
  if (role === undefined) throw new StartProblem(`The role of function ${functionId} is not in the template.`);
  const roleName = template.resolve({ Ref: role.logicalId });
  const properties = template.properties(role);
  const attached = template
    .ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')
    .filter((policy) => isAttached(template, policy.logicalId, roleName, asStrings(properties.ManagedPolicyArns)))
    .map((policy) => template.properties(policy).PolicyDocument);
  const inline = asList(properties.Policies).map((policy) => asObject(policy).PolicyDocument);
  return [...inline, ...attached].flatMap((document) => parsePolicy(asObject(document)));
}

function isAttached(template: Template, policyId: string, roleName: Json, managedArns: string[]): boolean {
  const policy = template.resources.get(policyId);
  if (policy === undefined) return false;
  const named = asList(template.properties(policy).Roles).includes(roleName);
  return named || managedArns.includes(asString(template.resolve({ Ref: policyId })) ?? '');
}

/** Reads an IAM policy document. @throws StartProblem for a condition operator that is not supported */
export function parsePolicy(document: JsonObject): Statement[] {
  return asList(document.Statement).map((raw) => {
    const statement = asObject(raw);
    return {
      effect: statement.Effect === 'Deny' ? 'Deny' : 'Allow',
      actions: asStrings(statement.Action),
      notActions: asStrings(statement.NotAction),
      resources: asStrings(statement.Resource),
      notResources: asStrings(statement.NotResource),
      conditions: parseConditions(asObject(statement.Condition)),
    };
  });
}

function parseConditions(condition: JsonObject): Condition[] {
  return Object.entries(condition).flatMap(([operator, keys]) => {
    if (comparison(operator) === undefined) {
      throw new StartProblem(
        `A policy uses the condition operator ${operator}, which the local stack does not support.`,
      );
    }
    return isObject(keys)
      ? Object.entries(keys).map(([key, values]) => ({ operator, key, values: asStrings(values) }))
      : [];
  });
}

/** Decides as IAM does: an explicit denial wins, and without a statement that allows it an action is denied. */
export function isAllowed(statements: readonly Statement[], attempt: Attempt): boolean {
  const applying = statements.filter((statement) => applies(statement, attempt));
  return applying.some(({ effect }) => effect === 'Allow') && !applying.some(({ effect }) => effect === 'Deny');
}

function applies(statement: Statement, { action, resource, context = {} }: Attempt): boolean {
  // IAM compares actions without regard to case.
  const lowered = action.toLowerCase();
  const names = (patterns: string[]) => patterns.some((pattern) => matchesWildcard(pattern.toLowerCase(), lowered));
  const covers = (patterns: string[]) => patterns.some((pattern) => matchesWildcard(pattern, resource));
  const actionMatches = statement.notActions.length > 0 ? !names(statement.notActions) : names(statement.actions);
  const resourceMatches =
    statement.notResources.length > 0 ? !covers(statement.notResources) : covers(statement.resources);
  return actionMatches && resourceMatches && statement.conditions.every((condition) => holds(condition, context));
}

function holds({ operator, key, values }: Condition, context: Readonly<Record<string, readonly string[]>>): boolean {
  const compare = comparison(operator);
  if (compare === undefined) return false;
  const actual = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
  const base = operator.replace(/^For(All|Any)Values?:/, '');
  if (base === 'Null') return values.every((value) => (value === 'true') === (actual === undefined));
  if (operator.startsWith('ForAllValues:'))
    return (actual ?? []).every((one) => values.some((value) => compare(one, value)));
  if (actual === undefined) return base.endsWith('IfExists') || base.includes('Not');
  if (base.includes('Not')) return actual.every((one) => values.every((value) => compare(one, value)));
  return actual.some((one) => values.some((value) => compare(one, value)));
}

type Compare = (actual: string, expected: string) => boolean;

const comparisons: Record<string, Compare> = {
  StringEquals: (actual, expected) => actual === expected,
  StringNotEquals: (actual, expected) => actual !== expected,
  StringEqualsIgnoreCase: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  StringLike: (actual, expected) => matchesWildcard(expected, actual),
  StringNotLike: (actual, expected) => !matchesWildcard(expected, actual),
  ArnEquals: (actual, expected) => matchesWildcard(expected, actual),
  ArnLike: (actual, expected) => matchesWildcard(expected, actual),
  Bool: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  Null: () => true,
};

function comparison(operator: string): Compare | undefined {
  return comparisons[operator.replace(/^For(All|Any)Values?:/, '').replace(/IfExists$/, '')];
}

const compiled = new Map<string, RegExp>();

/** Matches the wildcards of IAM policies: `*` for any run of characters, `?` for one. */
export function matchesWildcard(pattern: string, value: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === value;
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    expression = new RegExp(`^${escaped}$`, 's');
    compiled.set(pattern, expression);
  }
  return expression.test(value);
}
