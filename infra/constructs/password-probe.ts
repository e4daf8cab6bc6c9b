import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Feature, type FeatureProps } from './feature.ts';

/**
 * Hashes and verifies one password whenever its code or the runtime changes, and fails the deployment if the runtime
 * cannot: `crypto.argon2` depends on the OpenSSL that Lambda's Node is linked with. Between deployments it does not run.
 */
export class PasswordProbe extends Feature {
  readonly check: CustomResource;

  constructor(scope: Construct, id: string, { stage, bundles }: Pick<FeatureProps, 'stage' | 'bundles'>) {
    super(scope, id, {
      stage,
      bundles,
      folder: 'password-probe',
      impact: 'The deployment stops.',
      environment: { PASSWORD_HASHING: stage.passwordHashing },
    });
    const lambda = this.function.node.defaultChild;
    if (!(lambda instanceof CfnFunction)) throw new Error('The default child of the function is not a CfnFunction.');
    this.check = new CustomResource(this, 'Check', {
      resourceType: 'Custom::PasswordProbe',
      serviceToken: this.function.functionArn,
      // A function that cannot even start never answers, and CloudFormation would wait for an hour.
      serviceTimeout: Duration.minutes(5),
      // CloudFormation calls the function again when one of these changes.
      properties: { code: Stack.of(this).resolve(lambda.code), runtime: lambda.runtime },
    });
  }
}
