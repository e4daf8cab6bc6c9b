import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';

const Resource = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() });
const Template = z.looseObject({ Resources: z.record(z.string(), Resource) });

type Resource = z.infer<typeof Resource>;

/** Something that ministack cannot take as AWS does. */
interface Difference {
  readonly reason: string;
  applies(resource: Resource): boolean;
  /** The resource as ministack can take it; without this it is left out. */
  adapt?(resource: Resource): Resource;
}

const differences: readonly Difference[] = [
  {
    reason: 'no rotation schedules: they are left out, so the rotation function is deployed but never called',
    applies: ({ Type }) => Type === 'AWS::SecretsManager::RotationSchedule',
  },
  {
    reason: 'no alarms on metric math: these alarms are left out',
    applies: ({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined,
  },
  {
    reason: 'takes missing identity sources for the Authorization header: an empty list is written out',
    applies: ({ Type, Properties }) =>
      Type === 'AWS::ApiGatewayV2::Authorizer' && Properties?.IdentitySource === undefined,
    adapt: (resource) => ({ ...resource, Properties: { ...resource.Properties, IdentitySource: [] } }),
  },
  {
    reason: 'reads CORS settings by their API names only (allowOrigins): they are written out so as well',
    applies: ({ Type, Properties }) => Type === 'AWS::ApiGatewayV2::Api' && Properties?.CorsConfiguration !== undefined,
    adapt: (resource) => ({
      ...resource,
      Properties: { ...resource.Properties, CorsConfiguration: withApiNames(resource.Properties?.CorsConfiguration) },
    }),
  },
];

/** Parts of the stack that ministack takes and then does nothing with. */
const notEnforced = [
  'permissions of the functions (granted, not enforced; the local stack of `npm start` enforces them)',
  'throttling of the API (accepted, not enforced)',
  'access logs of the API (accepted, not written)',
  'retention of logs, backups of the table, deletion protection (accepted, without effect)',
];

/** Rewrites the template so that ministack can deploy it. @returns a sentence for each thing that differs */
export function adaptTemplate(file: string): string[] {
  const template = Template.parse(JSON.parse(readFileSync(file, 'utf8')));
  const told: string[] = [];
  for (const difference of differences) {
    const touched = Object.entries(template.Resources).filter(([, resource]) => difference.applies(resource));
    // A difference that nothing needs any more would hide what it is about.
    if (touched.length === 0)
      throw new Error(`Nothing in the stack needs the difference "${difference.reason}": remove it.`);
    for (const [id, resource] of touched) {
      if (difference.adapt) template.Resources[id] = difference.adapt(resource);
      else delete template.Resources[id];
    }
    told.push(`${difference.reason} (${touched.map(([id]) => id).join(', ')})`);
  }
  writeFileSync(file, JSON.stringify(template));
  return [...told, ...notEnforced];
}

function withApiNames(settings: unknown): object {
  const named = Object.entries(z.record(z.string(), z.unknown()).parse(settings));
  return Object.fromEntries(
    named.flatMap(([name, value]) => [
      [name, value],
      [lowerFirst(name), value],
    ]),
  );
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
