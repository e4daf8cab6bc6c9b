import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** An exception from a cdk-nag rule, on the resource that needs it, with the reason. */
export function acknowledge(on: IConstruct, rule: string, reason: string): void {
  Validations.of(on).acknowledge({ id: rule, reason });
}
