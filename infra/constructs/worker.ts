import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DeadLetters } from './dead-letters.ts';
import { Feature, type FeatureProps } from './feature.ts';

export interface WorkerProps extends Omit<FeatureProps, 'table'> {
  /** Its stream is what the worker follows; it also may use the table itself, as `tableActions` and `queries` say. */
  readonly table: ITable;
  /** Made with `FilterCriteria.filter`: only records that match one of them are delivered. @default all */
  readonly filters?: readonly Record<string, unknown>[];
  /** Records in one call. @default 100 */
  readonly batchSize?: number;
  /** Waits so long for a batch to fill. @default not at all */
  readonly batchingWindow?: Duration;
  /** Batches of one shard at once, the records of one item still in order. @default 1 */
  readonly parallelBatches?: number;
  /** Tries of a record after the first one, before it is set aside. @default 20 */
  readonly retries?: number;
}

/** When a worker is so far behind that somebody is told. */
export interface Lateness {
  readonly metric: IMetric;
  /** In the metric's unit. */
  readonly threshold: number;
  readonly after: Duration;
}

/** A record that is older is set aside: long enough for an outage, well before the stream forgets it after a day. */
const longestAge = Duration.hours(12);

/**
 * A function that follows the table's stream. It answers with `batchItemFailures`; what fails is tried again from there on,
 * a batch that fails whole is halved, and a record that fails for good goes to a dead-letter queue of its own.
 */
export class Worker extends Feature {
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id, props);
    const { table, filters, batchSize = 100, batchingWindow, parallelBatches, retries = 20 } = props;
    const { tableStreamArn } = table;
    if (tableStreamArn === undefined) throw new Error(`${id} follows a table that has no stream.`);
    this.deadLetters = new DeadLetters(this, 'DeadLetters', props.stage);
    // Not CDK's grants: they allow ListStreams on every table of the account.
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
      maxRecordAge: longestAge,
      onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) },
    });
  }

  /** Records that were set aside and wait for somebody to look. */
  setAside(): IMetric {
    return this.deadLetters.waiting();
  }

  /** When it is too far behind the table. */
  late(): Lateness {
    const after = Duration.minutes(5);
    return {
      metric: this.function.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(1) }),
      threshold: after.toMilliseconds(),
      after,
    };
  }
}
