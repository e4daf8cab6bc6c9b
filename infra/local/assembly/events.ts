import { checkPattern } from '../events/event-filter.ts';
import type { JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString, asStrings, parseJson } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import { type FunctionNames, resolveFunctionName } from './function-names.ts';
import { arnOfResource, type Template } from './template.ts';

export type StreamMappingModel = {
  id: string;
  functionName: string;
  tableName: string;
  streamArn: string;
  batchSize: number;
  /** How many batches are under way at the same time. */
  parallelizationFactor: number;
  bisect: boolean;
  /** -1 means unlimited. */
  maximumRetryAttempts: number;
  /** -1 means unlimited. */
  maximumRecordAgeSeconds: number;
  reportsItemFailures: boolean;
  filters: JsonObject[];
  onFailureArn: string | undefined;
};

export type EventRuleModel = {
  logicalId: string;
  name: string;
  arn: string;
  pattern: JsonObject;
  enabled: boolean;
  functionNames: string[];
  /** Queues that receive the event as a message. */
  queueArns: string[];
  /** The dead-letter queue of events that never reached Lambda. */
  deadLetterArn: string | undefined;
};

const queueArnsOf = (template: Template) =>
  template.ofType('AWS::SQS::Queue').map((resource) => arnOfResource(template, resource));

/** Reads the event source mappings of table streams; `queueMappings` reads those of queues. */
export function streamMappings(
  template: Template,
  tables: readonly { name: string; arn: string }[],
  nameByArn: FunctionNames,
  leftOut: string[],
): StreamMappingModel[] {
  const queueArns = queueArnsOf(template);
  return template.ofType('AWS::Lambda::EventSourceMapping').flatMap((resource) => {
    const properties = template.properties(resource);
    const streamArn = asString(properties.EventSourceArn) ?? '';
    const table = tables.find((candidate) => streamArn.startsWith(`${candidate.arn}/stream/`));
    if (queueArns.includes(streamArn)) return [];
    if (table === undefined) {
      leftOut.push(
        `event source ${streamArn} of ${resource.logicalId} (only table streams and queues of the template are pumped)`,
      );
      return [];
    }
    if (properties.StartingPosition !== 'TRIM_HORIZON' || properties.MaximumBatchingWindowInSeconds !== undefined)
      throw new StartProblem(
        `The event source ${resource.logicalId} starts at LATEST or has a batching window, which the local stack does not support.`,
      );
    const filters = asList(asObject(properties.FilterCriteria).Filters).map((filter) =>
      asObject(parseJson(asString(asObject(filter).Pattern) ?? '{}')),
    );
    for (const filter of filters) checkPattern(filter, `event source ${resource.logicalId}`);
    return [
      {
        id: resource.logicalId,
        functionName: resolveFunctionName(asString(properties.FunctionName), nameByArn, resource.logicalId),
        tableName: table.name,
        streamArn,
        batchSize: asNumber(properties.BatchSize) ?? 100,
        parallelizationFactor: asNumber(properties.ParallelizationFactor) ?? 1,
        bisect: properties.BisectBatchOnFunctionError === true,
        maximumRetryAttempts: asNumber(properties.MaximumRetryAttempts) ?? -1,
        maximumRecordAgeSeconds: asNumber(properties.MaximumRecordAgeInSeconds) ?? -1,
        reportsItemFailures: asStrings(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
        filters,
        onFailureArn: asString(asObject(asObject(properties.DestinationConfig).OnFailure).Destination),
      },
    ];
  });
}

/** Reads the rules of the default event bus; their targets are functions and queues. @throws StartProblem for schedules */
export function eventRules(template: Template, nameByArn: FunctionNames, leftOut: string[]): EventRuleModel[] {
  const allQueues = queueArnsOf(template);
  const [schedule] = template.ofType('AWS::Scheduler::Schedule');
  if (schedule !== undefined)
    throw new StartProblem(`The local stack does not support schedules such as ${schedule.logicalId}.`);
  return template.ofType('AWS::Events::Rule').flatMap((resource) => {
    const properties = template.properties(resource);
    if (properties.EventPattern === undefined)
      throw new StartProblem(`Rule ${resource.logicalId} is a schedule, which the local stack does not support.`);
    const bus = asString(properties.EventBusName) ?? 'default';
    if (bus !== 'default') {
      leftOut.push(`rule ${resource.logicalId} (its event bus ${bus} is not the default one)`);
      return [];
    }
    const pattern = asObject(properties.EventPattern);
    checkPattern(pattern, `rule ${resource.logicalId}`);
    const targets = asList(properties.Targets).map(asObject);
    if (targets.some(({ Input, InputPath, InputTransformer }) => Input ?? InputPath ?? InputTransformer))
      throw new StartProblem(
        `Rule ${resource.logicalId} transforms its events, which the local stack does not support.`,
      );
    const arns = targets.map(({ Arn }) => asString(Arn) ?? '');
    return [
      {
        logicalId: resource.logicalId,
        name: asString(template.resolve({ Ref: resource.logicalId })) ?? resource.logicalId,
        arn: arnOfResource(template, resource),
        pattern,
        enabled: properties.State !== 'DISABLED',
        functionNames: arns
          .filter((arn) => !allQueues.includes(arn))
          .map((arn) => resolveFunctionName(arn, nameByArn, resource.logicalId)),
        queueArns: arns.filter((arn) => allQueues.includes(arn)),
        deadLetterArn: targets.flatMap(({ DeadLetterConfig }) => asString(asObject(DeadLetterConfig).Arn) ?? [])[0],
      },
    ];
  });
}
