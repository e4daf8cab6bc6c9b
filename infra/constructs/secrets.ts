import { type Duration, Stack } from 'aws-cdk-lib';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import type { Feature } from './feature.ts';

/** A text of 64 random letters and digits, made by Secrets Manager at the first deployment. Keys are derived from it. */
export class GeneratedSecret extends Secret {
  constructor(scope: Construct, id: string, stage: Stage, description: string) {
    super(scope, id, {
      description,
      removalPolicy: stage.removalPolicy,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
  }
}

/**
 * Has Secrets Manager call the feature to replace the secret. Not CDK's `addRotationSchedule`: that also grants
 * GetRandomPassword on every resource, and the feature makes its own randomness.
 */
export function rotate(secret: ISecret, feature: Feature, every: Duration): void {
  feature.allow(
    [
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ],
    secret.secretArn,
  );
  const invocation = new CfnPermission(feature, 'Invocation', {
    action: 'lambda:InvokeFunction',
    functionName: feature.function.functionArn,
    principal: 'secretsmanager.amazonaws.com',
    sourceAccount: Stack.of(feature).account,
  });
  const schedule = new CfnRotationSchedule(feature, 'Schedule', {
    secretId: secret.secretArn,
    rotationLambdaArn: feature.function.functionArn,
    rotationRules: { automaticallyAfterDays: every.toDays() },
    // Otherwise every deployment that touches the schedule would also replace the secret.
    rotateImmediatelyOnUpdate: false,
  });
  schedule.node.addDependency(invocation, feature.function);
}
