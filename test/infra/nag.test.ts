import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { stageNamed } from '../../infra/stages.ts';
import { clienteleStack } from './synthesized.ts';

describe('cdk-nag', () => {
  it.each(['dev', 'prod'])('cdk-nag finds nothing in stage %s that is not acknowledged with a reason', (name) => {
    const { app } = clienteleStack(stageNamed(name));
    expect(() => app.synth()).not.toThrow();
  });

  it('cdk-nag stops a bucket that accepts requests without TLS', () => {
    const { app, stack } = clienteleStack(stageNamed('dev'));
    new Bucket(stack, 'Careless');
    expect(() => app.synth()).toThrow('AwsSolutions-S10');
  });
});
