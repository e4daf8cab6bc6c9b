import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letters.ts';
import { Feature, type FeatureProps } from './feature.ts';
import type { LagLimit } from './worker.ts';

export interface QueueWorkerProps extends FeatureProps {
  /** How often a message is delivered before it goes to the dead-letter queue. @default 20 */
  readonly maxReceives?: number;
  /** Messages in a call, at most 10. @default 10 */
  readonly batchSize?: number;
  /** Concurrent calls, at least 2. @default 5 */
  readonly maxConcurrency?: number;
  /**
   * The visibility timeout. A message that is neither done nor postponed by then is delivered again.
   * @default six times the function's timeout, as AWS advises
   */
  readonly visibility?: Duration;
  /**
   * Whether the function may postpone a message by changing its visibility timeout. It then has `QUEUE_URL`.
   * @default false
   */
  readonly postpones?: boolean;
  /** The alarm goes off when the oldest message is older than this. @default 5 minutes */
  readonly lagLimit?: Duration;
}

/**
 * A function that consumes a queue of its own. It answers with `batchItemFailures`, and SQS delivers failed messages
 * again. After the last delivery a message goes to a dead-letter queue; `aws sqs start-message-move-task` moves it
 * back.
 */
export class QueueWorker extends Feature {
  readonly queue: Queue;
  readonly deadLetters: DeadLetterQueue;
  private readonly lagLimit: Duration;

  constructor(scope: Construct, id: string, props: QueueWorkerProps) {
    super(scope, id, props);
    const { maxReceives = 20, batchSize = 10, maxConcurrency = 5, postpones = false } = props;
    const timeout = this.function.timeout ?? Duration.seconds(3);
    this.lagLimit = props.lagLimit ?? Duration.minutes(5);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', props.stage);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: props.stage.removalPolicy,
      visibilityTimeout: props.visibility ?? Duration.seconds(6 * timeout.toSeconds()),
      // A message keeps its age when it is dead-lettered, so it stays in the dead-letter queue for a week at least.
      retentionPeriod: Duration.days(7),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxReceives },
    });
    // CDK's grants would allow more than Lambda needs.
    this.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], this.queue.queueArn);
    if (postpones) {
      this.allow(['sqs:ChangeMessageVisibility'], this.queue.queueArn);
      this.function.addEnvironment('QUEUE_URL', this.queue.queueUrl);
    }
    new EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
  }

  /**
   * Sends the matching events of the account's default bus to the queue, at least once and in any order. An event that
   * EventBridge cannot deliver within a day goes to the dead-letter queue unchanged.
   */
  receiveEvents(eventPattern: EventPattern): void {
    // The target grants this rule, and no other, the permission to write to the queue and to the dead-letter queue.
    const target = new SqsQueue(this.queue, {
      retryAttempts: 185,
      maxEventAge: Duration.hours(24),
      deadLetterQueue: this.deadLetters,
    });
    new Rule(this, 'Rule', {
      description: `Sends events to the queue of functions/${this.folder}`,
      eventPattern,
      targets: [target],
    });
  }

  /** The number of messages in the dead-letter queue. */
  deadLettered(): IMetric {
    return this.deadLetters.size();
  }

  /**
   * The age of the oldest message. SQS does not count messages that were delivered more than three times: those are
   * failing.
   */
  lag(): LagLimit {
    return {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: Duration.minutes(1) }),
      threshold: this.lagLimit.toSeconds(),
      duration: this.lagLimit,
    };
  }
}
