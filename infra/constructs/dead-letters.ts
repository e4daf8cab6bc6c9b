import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';

/** The dead-letter queue of a function. It keeps what the function failed on for 14 days, until somebody looks at it. */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: stage.removalPolicy,
    });
    acknowledge(this, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself.');
  }

  /** The number of messages in the queue. */
  size(): IMetric {
    return this.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: Duration.minutes(1) });
  }
}
