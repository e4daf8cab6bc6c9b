import type * as z from 'zod';
import type { FaultCode } from './faults.ts';

interface BrokenRule {
  /** The field that has the fault, from the object of the rule; left out for the object itself. */
  path?: readonly (string | number)[];
  code: FaultCode;
  message: string;
  /** The other fields of the object that the rule looks at. */
  dependsOn?: readonly string[];
}

/** Adds the fault of a rule between the fields of an object. `faultsOf` reads what this writes. */
export function addFault(context: z.RefinementCtx, { path = [], code, message, dependsOn }: BrokenRule): void {
  const params = { code, ...(dependsOn && { dependsOn, depth: path.length }) };
  context.addIssue({ code: 'custom', path: [...path], message, params });
}
