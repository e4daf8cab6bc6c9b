import type { JsonObject } from '../shared/json.ts';
import { asNumber, asObject, asString, asStrings, parseJson } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import { type FunctionNames, resolveFunctionName } from './function-names.ts';
import { arnOfResource, type Resource, type Template } from './template.ts';

export type QueueModel = {
  name: string;
  arn: string;
  /** The URL on AWS; in the environment of functions its host is replaced by the local endpoint. */
  url: string;
  visibilitySeconds: number;
  delaySeconds: number;
  retentionSeconds: number;
  redrive: { deadLetterArn: string; maxReceiveCount: number } | undefined;
};

export type QueueMappingModel = {
  id: string;
  functionName: string;
  queueArn: string;
  batchSize: number;
  maximumConcurrency: number;
  reportsItemFailures: boolean;
};

/** Lambda scales to hundreds of invocations; on a laptop this is the limit for a mapping without one. */
const defaultConcurrency = 5;

/** Reads the template's standard queues with their redrive policies. */
export function queueModels(template: Template): QueueModel[] {
  return template.ofType('AWS::SQS::Queue').map((resource) => queueModel(template, resource));
}

function queueModel(template: Template, resource: Resource): QueueModel {
  const properties = template.properties(resource);
  if (properties.FifoQueue === true)
    throw new StartProblem(`The queue ${resource.logicalId} is a FIFO queue, which the local stack does not support.`);
  const policy = asObject(
    typeof properties.RedrivePolicy === 'string' ? parseJson(properties.RedrivePolicy) : properties.RedrivePolicy,
  );
  const deadLetterArn = asString(policy.deadLetterTargetArn);
  return {
    name: asString(template.resolve({ 'Fn::GetAtt': [resource.logicalId, 'QueueName'] })) ?? resource.logicalId,
    arn: arnOfResource(template, resource),
    url: asString(template.resolve({ Ref: resource.logicalId })) ?? '',
    visibilitySeconds: asNumber(properties.VisibilityTimeout) ?? 30,
    delaySeconds: asNumber(properties.DelaySeconds) ?? 0,
    retentionSeconds: asNumber(properties.MessageRetentionPeriod) ?? 345_600,
    redrive:
      deadLetterArn === undefined
        ? undefined
        : { deadLetterArn, maxReceiveCount: asNumber(policy.maxReceiveCount) ?? 10 },
  };
}

/** Reads the event source mappings of queues. */
export function queueMappings(
  template: Template,
  queues: readonly QueueModel[],
  functions: readonly { name: string; timeoutSeconds: number }[],
  nameByArn: FunctionNames,
): QueueMappingModel[] {
  return template.ofType('AWS::Lambda::EventSourceMapping').flatMap((resource) => {
    const properties = template.properties(resource);
    const queue = queues.find(({ arn }) => arn === asString(properties.EventSourceArn));
    if (queue === undefined || properties.Enabled === false) return [];
    const functionName = resolveFunctionName(asString(properties.FunctionName), nameByArn, resource.logicalId);
    checkMapping(queue, functions.find(({ name }) => name === functionName)?.timeoutSeconds ?? 0, properties);
    return [
      {
        id: resource.logicalId,
        functionName,
        queueArn: queue.arn,
        batchSize: asNumber(properties.BatchSize) ?? 10,
        maximumConcurrency: asNumber(asObject(properties.ScalingConfig).MaximumConcurrency) ?? defaultConcurrency,
        reportsItemFailures: asStrings(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
      },
    ];
  });
}

function checkMapping(queue: QueueModel, timeoutSeconds: number, properties: JsonObject): void {
  if (queue.visibilitySeconds < timeoutSeconds)
    throw new StartProblem(
      `The visibility timeout of ${queue.name}, ${queue.visibilitySeconds} s, is shorter than the timeout of its function.`,
    );
  if (properties.FilterCriteria !== undefined || properties.MaximumBatchingWindowInSeconds !== undefined)
    throw new StartProblem(
      `The event source of ${queue.name} has filters or a batching window, which the local stack does not support.`,
    );
}
