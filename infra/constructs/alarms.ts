import { Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITable, Operation } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { clientIndexNames, recordIndexNames, type TableIndex } from '../../lib/table/layout.ts';
import type { Stage } from '../stages.ts';
import type { Api } from './api.ts';
import type { EventHandler } from './event-handler.ts';
import type { Feature } from './feature.ts';
import { sumOf } from './metrics.ts';
import type { QueueWorker } from './queue-worker.ts';
import type { Worker } from './worker.ts';

export interface AlarmProps {
  readonly metric: IMetric;
  /** The alarm goes off at this value or above. */
  readonly threshold: number;
  /** The alarm goes off when the threshold is reached in `bad` of the last `of` periods. */
  readonly periods: { readonly bad: number; readonly of: number };
  /** What happened, as a sentence. */
  readonly symptom: string;
  /** What users of Clientele notice, as a sentence. */
  readonly impact: string;
}

/**
 * The alarms, in a stack of their own because a stack has at most 500 resources, and the topic that they notify, which
 * belongs to the outer stack.
 */
export class Alarms extends NestedStack {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, { description: `Alarms of ${stage.stackName}` });
    this.topic = new Topic(scope, 'AlarmTopic', { displayName: `${stage.stackName} alarms`, enforceSSL: true });
    if (stage.alarmEmail) this.topic.addSubscription(new EmailSubscription(stage.alarmEmail));
    // enforceSSL gives the topic a policy, which replaces the default policy that allowed alarms to publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    );
  }

  /** Watches a function: its calls must not fail. */
  watchFeature(feature: Feature): void {
    this.add(`${feature.node.id}Fails`, {
      metric: feature.failures(),
      threshold: 1,
      periods: { bad: 2, of: 5 },
      symptom: `The function ${feature.folder} threw an error, timed out or was throttled in two of the last five minutes.`,
      impact: feature.impact,
    });
  }

  /** Watches a worker: its calls must not fail, its dead-letter queue must be empty, and it must not lag behind. */
  watchWorker(worker: Worker | QueueWorker): void {
    this.watchFeature(worker);
    this.add(`${worker.node.id}DeadLettered`, {
      metric: worker.deadLettered(),
      threshold: 1,
      periods: { bad: 1, of: 1 },
      symptom: `The function ${worker.folder} failed on a message or record until its last retry. What failed is in its dead-letter queue.`,
      impact: worker.impact,
    });
    const { metric, threshold, duration } = worker.lag();
    this.add(`${worker.node.id}Late`, {
      metric,
      threshold,
      periods: { bad: 3, of: 5 },
      symptom: `The function ${worker.folder} lags behind by ${duration.toHumanString()} or more.`,
      impact: worker.impact,
    });
  }

  /** Watches an event handler: its calls must not fail, and its dead-letter queue must be empty. */
  watchEventHandler(handler: EventHandler): void {
    this.watchFeature(handler);
    this.add(`${handler.node.id}DeadLettered`, {
      metric: handler.deadLettered(),
      threshold: 1,
      periods: { bad: 1, of: 1 },
      symptom: `The function ${handler.folder} failed on an event until its last retry, or EventBridge could not call it. The event is in its dead-letter queue.`,
      impact: handler.impact,
    });
  }

  /** Watches the sending of mail: SES must not reject all mail of this account. */
  watchMail(sender: Feature): void {
    this.add('MailNotGoingOut', {
      metric: sender.customMetric('SendingImpossible'),
      threshold: 1,
      periods: { bad: 1, of: 1 },
      symptom:
        'SES rejects all mail of this account, because sending is paused, the domain is not verified or a permission is missing. The log of the function mail-sender has the error code.',
      impact:
        'No mail is sent, so users and contacts get neither invitations nor password resets. Each mail is retried for a day; after that somebody has to send it again.',
    });
  }

  /** Watches the proofs of ledgers: all of them must add up. */
  watchLedgers(proof: Feature): void {
    this.add('LedgersDiffer', {
      metric: proof.customMetric('LedgersDiffer'),
      threshold: 1,
      periods: { bad: 1, of: 1 },
      symptom:
        'The ledger of a client does not add up. The log of the function ledger-proof names the client, the records and the figures; GET …/ledger/proof shows them.',
      impact: 'A balance, an invoice or a payment shows a wrong amount. Nothing is corrected by itself.',
    });
  }

  /** Watches the API: it must answer without server errors and in time. */
  watchApi({ http }: Api): void {
    this.add('ApiFails', {
      metric: http.metricServerError({ statistic: 'Sum', period: Duration.minutes(1) }),
      threshold: 5,
      periods: { bad: 2, of: 5 },
      symptom: 'The API answered at least five requests a minute with a 5xx status, in two of the last five minutes.',
      impact: 'Some requests fail with "Something went wrong", and users have to try again.',
    });
    this.add('ApiSlow', {
      metric: http.metricLatency({ statistic: 'p99', period: Duration.minutes(5) }),
      threshold: 3000,
      periods: { bad: 3, of: 3 },
      symptom: 'For a quarter of an hour, one request in a hundred took 3 seconds or longer.',
      impact: 'Users wait for their pages. Some programs give up and repeat their requests.',
    });
  }

  /** Watches the table: it must not be throttled, and DynamoDB must not fail. */
  watchTable(table: ITable): void {
    for (const kind of ['Read', 'Write'] as const)
      for (const { id, what, watched } of throttledParts)
        this.add(`${id}${kind}sThrottled`, {
          metric: throttles(table, kind, watched),
          threshold: 10,
          periods: { bad: 2, of: 5 },
          symptom: `DynamoDB throttled ${kind.toLowerCase()}s of ${what}, because a partition is too busy.`,
          impact: 'Requests of one large company are slow or answered with 503. Other companies are not affected.',
        });
    this.add('TableFails', {
      metric: systemErrors(table),
      threshold: 5,
      periods: { bad: 2, of: 5 },
      symptom:
        'DynamoDB answered at least five calls a minute with an internal error, in two of the last five minutes.',
      impact:
        'Reads and changes fail at random. Nothing that was saved is lost. The errors end when AWS has solved its problem.',
    });
  }

  /** Adds an alarm that notifies the topic. Its description has symptom and impact, for the person on call. */
  add(id: string, { metric, threshold, periods, symptom, impact }: AlarmProps): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${symptom} Impact: ${impact}`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods.of,
      datapointsToAlarm: periods.bad,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
  }
}

const usedOperations = [
  Operation.GET_ITEM,
  Operation.BATCH_GET_ITEM,
  Operation.QUERY,
  Operation.PUT_ITEM,
  Operation.UPDATE_ITEM,
  Operation.DELETE_ITEM,
  Operation.BATCH_WRITE_ITEM,
  Operation.TRANSACT_WRITE_ITEMS,
];

function systemErrors(table: ITable): IMetric {
  const metrics = usedOperations.map((operation): [string, IMetric] => {
    const dimensionsMap = { TableName: table.tableName, Operation: operation };
    return [operation.toLowerCase(), tableMetric('SystemErrors', dimensionsMap)];
  });
  return sumOf('DynamoDB errors', Object.fromEntries(metrics));
}

/** The parts of the table whose throttling is watched together: an alarm has at most ten metrics. */
const throttledParts: readonly { id: string; what: string; watched: readonly ('table' | TableIndex)[] }[] = [
  { id: 'Table', what: 'the table or an index of clients', watched: ['table', ...clientIndexNames] },
  {
    id: 'RecordLists',
    what: 'the lists of records such as invoices',
    watched: recordIndexNames.filter((name) => !name.startsWith('status')),
  },
  {
    id: 'StatusLists',
    what: 'the lists of records by status',
    watched: recordIndexNames.filter((name) => name.startsWith('status')),
  },
];

/** The metric of the table leaves out its indexes. */
function throttles(
  { tableName: TableName }: ITable,
  kind: 'Read' | 'Write',
  watched: readonly ('table' | TableIndex)[],
): IMetric {
  const metricName = `${kind}ThrottleEvents`;
  const metricOf = (part: 'table' | TableIndex) =>
    tableMetric(metricName, { TableName, ...(part !== 'table' && { GlobalSecondaryIndexName: part }) });
  return sumOf(
    `throttled ${kind.toLowerCase()}s`,
    Object.fromEntries(watched.map((part) => [part.toLowerCase(), metricOf(part)])),
  );
}

function tableMetric(metricName: string, dimensionsMap: Record<string, string>): Metric {
  const period = Duration.minutes(1);
  return new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap, statistic: 'Sum', period });
}
