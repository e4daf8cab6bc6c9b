import { StartProblem } from '../shared/problem.ts';

/** The names of the template's functions, by ARN. */
export type FunctionNames = ReadonlyMap<string, string>;

/**
 * Resolves an ARN, an invocation URI or a function name to the name of a function of the template.
 *
 * @param owner names the resource in the error, such as `route GET /clients`
 * @throws StartProblem when it refers to anything else
 */
export function resolveFunctionName(target: string | undefined, nameByArn: FunctionNames, owner: string): string {
  for (const [functionArn, name] of nameByArn) {
    if (target === name || target === functionArn || target?.includes(`${functionArn}/invocations`)) return name;
  }
  throw new StartProblem(`The target of ${owner} is not a function of the template: ${target ?? 'missing'}.`);
}
