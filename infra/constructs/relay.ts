import { FilterCriteria, FilterRule } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type Destination, queueVariable, type Relayed, relayed } from '../../functions/relay/contract.ts';
import type { QueueWorker } from './queue-worker.ts';
import { Worker, type WorkerProps } from './worker.ts';

export interface RelayProps extends Omit<WorkerProps, 'folder' | 'filters' | 'tableActions' | 'queries'> {
  /** Everyone whom the contract of `functions/relay` names. */
  readonly to: Readonly<Record<Destination, QueueWorker>>;
}

/** The stream's second reader, so that any number of functions can follow: it puts what is to be done into their queues. */
export class Relay extends Worker {
  constructor(scope: Construct, id: string, { to, ...props }: RelayProps) {
    super(scope, id, { ...props, folder: 'relay', filters: filters(Object.values(relayed).flat()) });
    for (const [destination, { queue }] of Object.entries(to)) {
      this.function.addEnvironment(queueVariable(destination), queue.queueUrl);
      this.allow(['sqs:SendMessage'], queue.queueArn);
    }
  }
}

/** One filter for all kinds that differ in nothing else: Lambda takes five. */
function filters(rules: readonly Relayed[]): Record<string, unknown>[] {
  const alike = Object.groupBy(rules, ({ gone, status }) => `${gone} ${status}`);
  return Object.values(alike).flatMap((some = []) => {
    const [first] = some;
    if (!first) return [];
    const image = {
      entity: { S: FilterRule.or(...some.map(({ entity }) => entity)) },
      ...(first.status !== undefined && { status: { S: FilterRule.isEqual(first.status) } }),
    };
    return first.gone
      ? FilterCriteria.filter({ eventName: FilterRule.isEqual('REMOVE'), dynamodb: { OldImage: image } })
      : FilterCriteria.filter({ dynamodb: { NewImage: image } });
  });
}
