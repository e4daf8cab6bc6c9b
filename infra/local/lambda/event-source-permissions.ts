import type { FunctionModel } from '../assembly/assembly.ts';
import type { StreamMappingModel } from '../assembly/events.ts';
import type { QueueMappingModel } from '../assembly/queues.ts';
import type { CallRecord } from '../endpoint/calls.ts';
import { isAllowed } from '../endpoint/policies.ts';
import { StartProblem } from '../shared/problem.ts';

/** Lambda reads streams and queues with the function's own role, and refuses a mapping without the permissions. */
export function checkSourcePermissions(
  mapping: StreamMappingModel | QueueMappingModel,
  { name, statements }: FunctionModel,
  calls: CallRecord,
): void {
  for (const attempt of 'queueArn' in mapping ? ofQueue(mapping) : ofStream(mapping)) {
    if (!isAllowed(statements, attempt))
      throw new StartProblem(
        `Function ${name} may not ${attempt.action} on ${attempt.resource}, which its event source needs.`,
      );
    const [service = '', action = ''] = attempt.action.split(':');
    const time = new Date().toISOString();
    calls.add({
      function: name,
      time,
      service,
      action,
      authorizations: [{ ...attempt, allowed: true }],
      allowed: true,
      status: 200,
      milliseconds: 0,
    });
  }
}

function ofStream({ streamArn, onFailureArn }: StreamMappingModel) {
  const reads = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
  const wanted = reads.map((action) => ({ action: `dynamodb:${action}`, resource: streamArn }));
  return onFailureArn?.includes(':sqs:') ? [...wanted, { action: 'sqs:SendMessage', resource: onFailureArn }] : wanted;
}

function ofQueue({ queueArn }: QueueMappingModel) {
  const reads = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
  return reads.map((action) => ({ action: `sqs:${action}`, resource: queueArn }));
}
