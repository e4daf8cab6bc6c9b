import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';

export interface GeneratedSecretProps {
  readonly description: string;
  /** Why the secret needs no rotation. */
  readonly whyNotRotated: string;
}

/**
 * A secret of 64 random letters and digits, which Secrets Manager generates at the first deployment. Keys are derived
 * from it.
 */
export class GeneratedSecret extends Secret {
  constructor(scope: Construct, id: string, stage: Stage, { description, whyNotRotated }: GeneratedSecretProps) {
    super(scope, id, {
      description,
      removalPolicy: stage.removalPolicy,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
    acknowledge(this, 'AwsSolutions-SMG4', whyNotRotated);
  }
}
