import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
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

const templates = new Map<string, Template>();

/** The template of a stage, synthesized once for all test files that share this module. */
export function templateOf(name: string): Template {
  const template = templates.get(name) ?? Template.fromStack(clienteleStack(stageNamed(name)).stack);
  templates.set(name, template);
  return template;
}

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
});

export type Resource = z.infer<typeof Resource>;

/** The resources of a type by their logical id. */
export function resources(template: Template, type: string): Record<string, Resource> {
  return z.record(z.string(), Resource).parse(template.findResources(type));
}

const Statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
  Resource: z.unknown(),
});
const Policy = z.object({
  PolicyDocument: z.object({ Statement: z.array(Statement) }),
  Roles: z.array(z.object({ Ref: z.string() })),
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
  const folderOfRole = new Map(
    Object.values(resources(template, 'AWS::Lambda::Function')).map((lambda) => [
      FunctionProperties.parse(lambda.Properties).Role['Fn::GetAtt'][0],
      folderOf(lambda),
    ]),
  );
  return Object.values(resources(template, 'AWS::IAM::Policy')).flatMap(({ Properties }) => {
    const { PolicyDocument, Roles } = Policy.parse(Properties);
    return PolicyDocument.Statement.map((statement) => ({
      ...statement,
      folder: folderOfRole.get(Roles[0]?.Ref ?? ''),
    }));
  });
}
