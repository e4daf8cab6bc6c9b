import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITable, Operation } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type ClientIndex, clientIndexNames } from '../../lib/table/layout.ts';
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
  /** How many of the last periods have to be so. */
  readonly periods: { readonly bad: number; readonly of: number };
  /** What was seen, as a sentence. */
  readonly seen: string;
  /** What it means for the people who use Clientele, as a sentence. */
  readonly impact: string;
}

/** The topic that is told when something is wrong, and what counts as wrong. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { displayName: `${stage.stackName} alarms`, enforceSSL: true });
    if (stage.alarmEmail) this.topic.addSubscription(new EmailSubscription(stage.alarmEmail));
    // enforceSSL gives the topic a policy of its own, and with that takes away the default one that let alarms in.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
  }

  /** Calls of the feature fail. */
  watchFeature(feature: Feature): void {
    this.add(`${feature.node.id}Fails`, {
      metric: feature.failures(),
      threshold: 1,
      periods: { bad: 2, of: 5 },
      seen: `functions/${feature.folder} threw, timed out or was throttled.`,
      impact: feature.impact,
    });
  }

  /** The worker fails, has set something aside, or is far behind. */
  watchWorker(worker: Worker | QueueWorker): void {
    this.watchFeature(worker);
    this.add(`${worker.node.id}SetAside`, {
      metric: worker.setAside(),
      threshold: 1,
      periods: { bad: 1, of: 1 },
      seen: `functions/${worker.folder} gave up on something that it was to do; it waits in its dead-letter queue.`,
      impact: worker.impact,
    });
    const { metric, threshold, after } = worker.late();
    this.add(`${worker.node.id}Late`, {
      metric,
      threshold,
      periods: { bad: 3, of: 5 },
      seen: `functions/${worker.folder} is ${after.toHumanString()} or more behind.`,
      impact: worker.impact,
    });
  }

  /** The handler fails, or has set events aside. */
  watchEventHandler(handler: EventHandler): void {
    this.watchFeature(handler);
    this.add(`${handler.node.id}SetAside`, {
      metric: handler.setAside(),
      threshold: 1,
      periods: { bad: 1, of: 1 },
      seen: `functions/${handler.folder} gave up on events, or was never reached; they wait in its dead-letter queue.`,
      impact: handler.impact,
    });
  }

  /** SES takes no mail of this account at all. */
  watchMail(sender: Feature): void {
    this.add('MailNotGoingOut', {
      metric: sender.counted('SendingImpossible'),
      threshold: 1,
      periods: { bad: 1, of: 1 },
      seen: 'SES takes no mail of this account: its sending is paused, or its domain or permission is missing. The log of functions/mail-sender has the reason.',
      impact:
        'Mail is not going out: no invitation and no new password arrives. It is tried for a day; what fails by then has to be sent again.',
    });
  }

  /** The API answers 5xx, or slowly. */
  watchApi({ http }: Api): void {
    this.add('ApiFails', {
      metric: http.metricServerError({ statistic: 'Sum', period: Duration.minutes(1) }),
      threshold: 5,
      periods: { bad: 2, of: 5 },
      seen: 'The API answered 5xx at least five times within a minute.',
      impact: 'Some callers see "something went wrong" and have to try again.',
    });
    this.add('ApiSlow', {
      metric: http.metricLatency({ statistic: 'p99', period: Duration.minutes(5) }),
      threshold: 3000,
      periods: { bad: 3, of: 3 },
      seen: 'One request in a hundred took 3 seconds or longer for a quarter of an hour.',
      impact: 'People wait for their pages; some clients give up and send the request again.',
    });
  }

  /** The table refuses calls, or DynamoDB itself fails. */
  watchTable(table: ITable): void {
    this.add('TableThrottled', {
      metric: throttles(table),
      threshold: 10,
      periods: { bad: 2, of: 5 },
      seen: 'The table, or an index behind it, turned calls away because one partition is too busy.',
      impact: 'Requests of one large company are slow or answered 503; others are not touched.',
    });
    this.add('TableFails', {
      metric: systemErrors(table),
      threshold: 5,
      periods: { bad: 2, of: 5 },
      seen: 'DynamoDB answered with errors of its own.',
      impact:
        'Nothing can be read or saved reliably; it ends when AWS is well again, and nothing acknowledged is lost.',
    });
  }

  /** An alarm that tells the topic; the impact stands in its description, where whoever is woken up reads it. */
  add(id: string, { metric, threshold, periods, seen, impact }: AlarmProps): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${seen} Impact: ${impact}`,
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
  Operation.TRANSACT_WRITE_ITEMS,
];

function systemErrors(table: ITable): IMetric {
  const metrics = usedOperations.map((operation): [string, IMetric] => {
    const dimensionsMap = { TableName: table.tableName, Operation: operation };
    return [operation.toLowerCase(), tableMetric('SystemErrors', dimensionsMap)];
  });
  return sumOf('DynamoDB errors', Object.fromEntries(metrics));
}

function throttles({ tableName: TableName }: ITable): IMetric {
  const ofIndex = (GlobalSecondaryIndexName: ClientIndex) =>
    tableMetric('WriteThrottleEvents', { TableName, GlobalSecondaryIndexName });
  return sumOf('throttled reads and writes', {
    reads: tableMetric('ReadThrottleEvents', { TableName }),
    writes: tableMetric('WriteThrottleEvents', { TableName }),
    ...Object.fromEntries(clientIndexNames.map((name) => [name.toLowerCase(), ofIndex(name)])),
  });
}

function tableMetric(metricName: string, dimensionsMap: Record<string, string>): Metric {
  const period = Duration.minutes(1);
  return new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap, statistic: 'Sum', period });
}
