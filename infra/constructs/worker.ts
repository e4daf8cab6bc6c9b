import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letters.ts';
import { Feature, type FeatureProps } from './feature.ts';

export interface WorkerProps extends Omit<FeatureProps, 'table'> {
  /** The table whose stream the worker reads. `tableActions` and `queries` grant access to the table itself. */
  readonly table: ITable;
  /** From `FilterCriteria.filter`. Only records that match one of them are delivered. @default all records */
  readonly filters?: readonly Record<string, unknown>[];
  /** Records in a call. @default 100 */
  readonly batchSize?: number;
  /** How long Lambda waits for a batch to fill. @default no wait */
  readonly batchingWindow?: Duration;
  /** Concurrent batches of one shard. The records of an item stay in order. @default 1 */
  readonly parallelBatches?: number;
  /** How often a failed record is retried before it goes to the dead-letter queue. @default 20 */
  readonly retries?: number;
}

/** How far a worker may lag behind before its alarm goes off. */
export interface LagLimit {
  readonly metric: IMetric;
  /** In the metric's unit. */
  readonly threshold: number;
  readonly duration: Duration;
}

/**
 * Older records go to the dead-letter queue: late enough to outlast an outage, and before the stream drops them after a
 * day.
 */
const maxRecordAge = Duration.hours(12);

/**
 * A function that reads the table's stream. It answers with `batchItemFailures`, and Lambda retries from the first
 * failed record on. A batch that fails as a whole is halved. After the last retry a record goes to the dead-letter
 * queue of the function.
 */
export class Worker extends Feature {
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id, props);
    const { table, filters, batchSize = 100, batchingWindow, parallelBatches, retries = 20 } = props;
    const { tableStreamArn } = table;
    if (tableStreamArn === undefined) throw new Error(`${id} needs a table with a stream.`);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', props.stage);
    // CDK's grant would allow ListStreams on every table of the account.
    this.allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      tableStreamArn,
    );
    this.allow(['sqs:SendMessage'], this.deadLetters.queueArn);
    new EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      ...(batchingWindow && { maxBatchingWindow: batchingWindow }),
      ...(parallelBatches !== undefined && { parallelizationFactor: parallelBatches }),
      ...(filters && { filters: [...filters] }),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: retries,
      maxRecordAge,
      onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) },
    });
  }

  /** The number of records in the dead-letter queue. */
  deadLettered(): IMetric {
    return this.deadLetters.size();
  }

  /** The age of the last record that was read. */
  lag(): LagLimit {
    const duration = Duration.minutes(5);
    return {
      metric: this.function.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(1) }),
      threshold: duration.toMilliseconds(),
      duration,
    };
  }
}
