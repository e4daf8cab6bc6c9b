import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DeadLetters } from './dead-letters.ts';
import { Feature, type FeatureProps } from './feature.ts';
import type { Lateness } from './worker.ts';

export interface QueueWorkerProps extends FeatureProps {
  /** Deliveries of a message before it is set aside. @default 20 */
  readonly tries?: number;
  /** Messages in one call, at most 10. @default 10 */
  readonly batchSize?: number;
  /** Calls at the same time, at least 2. @default 5 */
  readonly atOnce?: number;
  /**
   * How long a message that was handed out is hidden: what is not done by then, or not postponed, is handed out again.
   * @default six times the function's timeout, as AWS advises
   */
  readonly visibility?: Duration;
  /** The function says itself when a message is to come again: it may change its visibility, and has `QUEUE_URL`. @default false */
  readonly postpones?: boolean;
  /** Somebody is told when the oldest message that was delivered less than three times is older. @default 5 minutes */
  readonly lateAfter?: Duration;
}

/**
 * A function that works off a queue of its own. It answers with `batchItemFailures`; what fails comes again, and what fails for
 * good goes to a dead-letter queue, from where `aws sqs start-message-move-task` brings it back.
 */
export class QueueWorker extends Feature {
  readonly queue: Queue;
  readonly deadLetters: DeadLetters;
  private readonly lateAfter: Duration;

  constructor(scope: Construct, id: string, props: QueueWorkerProps) {
    super(scope, id, props);
    const { tries = 20, batchSize = 10, atOnce = 5, postpones = false } = props;
    const timeout = this.function.timeout ?? Duration.seconds(3);
    this.lateAfter = props.lateAfter ?? Duration.minutes(5);
    this.deadLetters = new DeadLetters(this, 'DeadLetters', props.stage);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: props.stage.removalPolicy,
      visibilityTimeout: props.visibility ?? Duration.seconds(6 * timeout.toSeconds()),
      // A message keeps its age when it is set aside, so a week is left to look at it.
      retentionPeriod: Duration.days(7),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: tries },
    });
    // Not CDK's grants: they allow more than Lambda asks for.
    this.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], this.queue.queueArn);
    if (postpones) {
      this.allow(['sqs:ChangeMessageVisibility'], this.queue.queueArn);
      this.function.addEnvironment('QUEUE_URL', this.queue.queueUrl);
    }
    new EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maxConcurrency: atOnce,
      reportBatchItemFailures: true,
    });
  }

  /**
   * Has EventBridge put each event of a pattern of the account's default bus into the queue, at least once and in no order.
   * What it cannot put there for a day goes to the dead letters, as it is.
   */
  followEvents(eventPattern: EventPattern): void {
    // Brings the permission to write to the queue, and to the dead letters, for this rule alone.
    const target = new SqsQueue(this.queue, {
      retryAttempts: 185,
      maxEventAge: Duration.hours(24),
      deadLetterQueue: this.deadLetters,
    });
    new Rule(this, 'Rule', { description: `Tells functions/${this.folder}`, eventPattern, targets: [target] });
  }

  /** Messages that were set aside and wait for somebody to look. */
  setAside(): IMetric {
    return this.deadLetters.waiting();
  }

  /** When it is too far behind. SQS leaves messages out that were delivered three times: they are not late but fail. */
  late(): Lateness {
    return {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: Duration.minutes(1) }),
      threshold: this.lateAfter.toSeconds(),
      after: this.lateAfter,
    };
  }
}
