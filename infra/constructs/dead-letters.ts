import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';

/** Where what a function gave up on waits for 14 days until somebody looks. */
export class DeadLetters extends Queue {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: stage.removalPolicy,
    });
    acknowledge(this, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself.');
  }

  /** How many there are. */
  waiting(): IMetric {
    return this.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: Duration.minutes(1) });
  }
}
