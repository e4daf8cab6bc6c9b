import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, NestedStack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll } from 'vitest';
import * as z from 'zod';
import { ClienteleStack } from '../../infra/clientele-stack.ts';
import { featureFlags } from '../../infra/feature-flags.ts';
import { type Stage, stageNamed } from '../../infra/stages.ts';

/** The stack without the functions' code: what is deployed, not what runs. */
export function clienteleStack(stage: Stage): { app: App; stack: ClienteleStack } {
  const outdir = mkdtempSync(join(tmpdir(), 'clientele-infra-'));
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false, postCliContext: { ...featureFlags } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new ClienteleStack(app, 'Clientele', { stage, bundles: () => Code.fromInline('// not run here') });
  return { app, stack };
}

const templates = new Map<string, { outer: Template; alarms: Template }>();

/** The templates of a stage, synthesized once for all test files that share this module. */
function synthesized(name: string): { outer: Template; alarms: Template } {
  const known = templates.get(name);
  if (known) return known;
  const { stack } = clienteleStack(stageNamed(name));
  const alarms = stack.node.findChild('Alarms');
  if (!(alarms instanceof NestedStack)) throw new Error('the alarms have no stack of their own');
  const made = { outer: Template.fromStack(stack), alarms: Template.fromStack(alarms) };
  templates.set(name, made);
  return made;
}

/** The template of a stage, without its alarms. */
export function templateOf(name: string): Template {
  return synthesized(name).outer;
}

/** The template of the nested stack of the alarms. */
export function alarmTemplateOf(name: string): Template {
  return synthesized(name).alarms;
}

/** The alarms of a stage by their logical id, with the resources of the outer stack in place of parameters. */
export function alarmsOf(name: string): Record<string, Resource> {
  const [outer] = Object.values(resources(templateOf(name), 'AWS::CloudFormation::Stack'));
  const values = z.record(z.string(), z.unknown()).parse(outer?.Properties.Parameters);
  const text = JSON.stringify(resources(alarmTemplateOf(name), 'AWS::CloudWatch::Alarm'));
  const filled = text.replace(/\{"Ref":"(\w+)"\}/g, (ref, parameter: string) =>
    parameter in values ? JSON.stringify(values[parameter]) : ref,
  );
  return Resources.parse(JSON.parse(filled));
}

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  DependsOn: z.array(z.string()).optional(),
});

export type Resource = z.infer<typeof Resource>;
const Resources = z.record(z.string(), Resource);

/** The resources of a type by their logical id. */
export function resources(template: Template, type: string): Record<string, Resource> {
  return Resources.parse(template.findResources(type));
}

const Statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
  Resource: z.unknown(),
});
const Role = z.object({
  Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(Statement) }) })),
});

const FunctionProperties = z.object({
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
});

/** The folder in `functions/` that a Lambda function of the template runs. */
export function folderOf(lambda: Resource | undefined): string {
  return FunctionProperties.parse(lambda?.Properties).Environment.Variables.POWERTOOLS_SERVICE_NAME;
}

/** Every statement that the role of a function has, with the folder of that function. */
export function statements(template: Template) {
  const roles = resources(template, 'AWS::IAM::Role');
  return Object.values(resources(template, 'AWS::Lambda::Function')).flatMap((lambda) => {
    const [role] = FunctionProperties.parse(lambda.Properties).Role['Fn::GetAtt'];
    const documents = Role.parse(roles[role]?.Properties).Policies.map(({ PolicyDocument }) => PolicyDocument);
    return documents.flatMap(({ Statement }) => Statement).map((one) => ({ ...one, folder: folderOf(lambda) }));
  });
}
