import { env } from '../../lib/aws/env.ts';
import { openSqs } from '../../lib/aws/sqs.ts';
import { queueVariable, relayed } from './contract.ts';
import { relay } from './relay.ts';

/** Sends messages to the queues of workers, made from the records of the table's stream (outbox pattern). */
export const handler = relay({
  client: openSqs(),
  destinations: Object.entries(relayed).map(([name, rules]) => ({ queueUrl: env(queueVariable(name)), rules })),
});
