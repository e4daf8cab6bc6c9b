import { env } from '../../lib/aws/env.ts';
import { openSqs } from '../../lib/aws/sqs.ts';
import { queueVariable, relayed } from './contract.ts';
import { relay } from './relay.ts';

/** Hands what changes of the table leave to do to the queues of those who do it. */
export const handler = relay({
  client: openSqs(),
  destinations: Object.entries(relayed).map(([name, rules]) => ({ queueUrl: env(queueVariable(name)), rules })),
});
