import { StartProblem } from '../shared/problem.ts';

/** The names of the functions that run here, by ARN. */
export type FunctionNames = ReadonlyMap<string, string>;

/** Finds the function in an ARN, an invocation URI or a function name. */
export function functionBehind(target: string | undefined, nameByArn: FunctionNames, whose: string): string {
  for (const [functionArn, name] of nameByArn) {
    if (target === name || target === functionArn || target?.includes(`${functionArn}/invocations`)) return name;
  }
  throw new StartProblem(`The target of ${whose} is not a function that can run here: ${target ?? 'none'}.`);
}
