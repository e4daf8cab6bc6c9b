import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import * as z from 'zod';
import { ClienteleStack } from '../clientele-stack.ts';
import { featureFlags } from '../feature-flags.ts';
import type { Stage } from '../stages.ts';

const Resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
const TemplateFile = z.object({ Resources: z.record(z.string(), Resource).default({}) });
type Resource = z.output<typeof Resource>;

/** The resources of a stage's stack and of its nested stacks. The functions have no code. */
export function synthesizedResources(stage: Stage): Resource[] {
  const outdir = mkdtempSync(join(tmpdir(), 'clientele-cost-'));
  try {
    const app = new App({
      outdir,
      analyticsReporting: false,
      treeMetadata: false,
      postCliContext: { ...featureFlags },
    });
    new ClienteleStack(app, 'Clientele', { stage, bundles: () => Code.fromInline('// not run') });
    app.synth();
    return readdirSync(outdir)
      .filter((file) => file.endsWith('.template.json'))
      .flatMap((file) =>
        Object.values(TemplateFile.parse(JSON.parse(readFileSync(join(outdir, file), 'utf8'))).Resources),
      );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** What the template says that costs money. */
export interface BilledResources {
  /** Metrics that alarms watch; an alarm on an expression has several. */
  readonly alarmMetrics: number;
  readonly secrets: number;
  /** Functions behind routes. Each has three metrics of its own. */
  readonly httpFunctions: number;
  /** Queues that Lambda polls. */
  readonly polledQueues: number;
  /** The average memory of the functions, in GB. */
  readonly memory: number;
  /** Months that logs are kept. */
  readonly logMonths: number;
  readonly hasBackup: boolean;
}

const MetricMath = z.object({ Metrics: z.array(z.object({ MetricStat: z.unknown().optional() })) });
const Memory = z.object({ MemorySize: z.number().default(128) });
const Retention = z.object({ RetentionInDays: z.number() });
const Polled = z.object({ EventSourceArn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) });

/** Counts what is billed by the month, and reads what decides the price of use. */
export function billedResources(resources: readonly Resource[]): BilledResources {
  const ofType = (type: string) => resources.filter((one) => one.Type === type).map(({ Properties }) => Properties);
  const memory = ofType('AWS::Lambda::Function').map((one) => Memory.parse(one).MemorySize / 1024);
  const retentions = ofType('AWS::Logs::LogGroup').map((one) => Retention.parse(one).RetentionInDays);
  return {
    alarmMetrics: sum(ofType('AWS::CloudWatch::Alarm').map(metricsOfAlarm)),
    secrets: ofType('AWS::SecretsManager::Secret').length,
    httpFunctions: ofType('AWS::ApiGatewayV2::Integration').length,
    polledQueues: ofType('AWS::Lambda::EventSourceMapping').filter((one) => Polled.safeParse(one).success).length,
    memory: sum(memory) / memory.length,
    logMonths: Math.max(...retentions) / 30,
    hasBackup: ofType('AWS::DynamoDB::GlobalTable').concat(ofType('AWS::DynamoDB::Table')).some(hasRecovery),
  };
}

function metricsOfAlarm(properties: Resource['Properties']): number {
  const math = MetricMath.safeParse(properties);
  return math.success ? math.data.Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length : 1;
}

function hasRecovery(properties: Resource['Properties']): boolean {
  return JSON.stringify(properties).includes('"PointInTimeRecoveryEnabled":true');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
