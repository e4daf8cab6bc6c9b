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

/** The template of a stage. */
export function templateOf(name: string): Template {
  return Template.fromStack(clienteleStack(stageNamed(name)).stack);
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

/** Every statement that a role of the stack has, with the role it belongs to. */
export function statements(template: Template) {
  return Object.values(resources(template, 'AWS::IAM::Policy')).flatMap(({ Properties }) => {
    const { PolicyDocument, Roles } = Policy.parse(Properties);
    return PolicyDocument.Statement.map((statement) => ({ ...statement, role: Roles[0]?.Ref ?? '' }));
  });
}
