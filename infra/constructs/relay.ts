import { FilterCriteria, FilterRule } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type Destination, queueVariable, relayed } from '../../functions/relay/contract.ts';
import type { QueueWorker } from './queue-worker.ts';
import { Worker, type WorkerProps } from './worker.ts';

export interface RelayProps extends Omit<WorkerProps, 'folder' | 'filters' | 'tableActions' | 'queries'> {
  /** The workers whose queues it sends to, by their names in the contract of `functions/relay`. */
  readonly to: Readonly<Record<Destination, QueueWorker>>;
}

/**
 * Turns stream records into messages and sends them to the queues of other functions. Only two functions can read a
 * stream without throttling each other, so all further ones get their work through this one.
 */
export class Relay extends Worker {
  constructor(scope: Construct, id: string, { to, ...props }: RelayProps) {
    super(scope, id, { ...props, folder: 'relay', filters: filters(Object.values(relayed).flat()) });
    for (const [destination, { queue }] of Object.entries(to)) {
      this.function.addEnvironment(queueVariable(destination), queue.queueUrl);
      this.allow(['sqs:SendMessage'], queue.queueArn);
    }
  }
}

/** Rules that differ only in their entity share a filter, because Lambda allows five filters. */
function filters(rules: readonly (typeof relayed)[Destination][number][]): Record<string, unknown>[] {
  const groups = Object.groupBy(rules, ({ removed, status }) => `${removed} ${status}`);
  return Object.values(groups).flatMap((group = []) => {
    const [first] = group;
    if (!first) return [];
    const image = {
      entity: { S: FilterRule.or(...group.map(({ entity }) => entity)) },
      ...(first.status !== undefined && { status: { S: FilterRule.isEqual(first.status) } }),
    };
    return first.removed
      ? FilterCriteria.filter({ eventName: FilterRule.isEqual('REMOVE'), dynamodb: { OldImage: image } })
      : FilterCriteria.filter({ dynamodb: { NewImage: image } });
  });
}
