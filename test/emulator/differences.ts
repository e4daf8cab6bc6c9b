import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const Resource = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() });
const Template = z.looseObject({
  Resources: z.record(z.string(), Resource),
  Outputs: z.record(z.string(), z.unknown()).default({}),
});

type Resource = z.infer<typeof Resource>;

/** Something that ministack cannot take as AWS does. */
interface Difference<Part> {
  readonly reason: string;
  applies(part: Part): boolean;
  /** The part as ministack can take it; without this it is left out. */
  adapt?(part: Part): Part;
}

const ofResources: readonly Difference<Resource>[] = [
  {
    reason: 'no alarms on metric math: these alarms are left out',
    applies: ({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined,
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

const ofOutputs: readonly Difference<unknown>[] = [
  {
    reason: 'no DKIM records of mail identities: the outputs that tell them are left out',
    applies: (output) => JSON.stringify(output).includes('"DkimDNSToken'),
  },
];

/** Parts of the stack that ministack takes and then does nothing with. */
const notEnforced = [
  'permissions of the functions (granted, not enforced; the local stack of `npm start` enforces them)',
  'routes of OPTIONS (accepted, not called: ministack answers such requests itself)',
  'throttling of the API (accepted, not enforced)',
  'access logs of the API (accepted, not written)',
  'who may use the bucket: what comes without a signature may write and list (a presigned URL is good only for the bytes, length, type, checksum, key, method and date that it was signed for)',
  'CORS rules of the bucket (every page may do everything)',
  'what a download asks of its answer: name, type, caching, ranges (ignored when the URL names a version, which every download URL of ours does)',
  'events of a configuration set of SES (accepted, never sent: nothing is known of deliveries, bounces and complaints)',
  'retention of logs, backups of the table, deletion protection (accepted, without effect)',
];

/** Rewrites the templates of an assembly so that ministack can deploy them. @returns a sentence for each thing that differs */
export function adaptTemplates(assembly: string): string[] {
  const files = globSync('*.template.json', { cwd: assembly }).map((name) => join(assembly, name));
  const templates = files.map((file) => Template.parse(JSON.parse(readFileSync(file, 'utf8'))));
  const resources = templates.map(({ Resources }) => Resources);
  const outputs = templates.map(({ Outputs }) => Outputs);
  const told = [...adapt(resources, ofResources), ...adapt(outputs, ofOutputs)];
  for (const [index, file] of files.entries()) writeFileSync(file, JSON.stringify(templates[index]));
  return [...told, ...notEnforced];
}

/** Changes the parts in place, which are records of one template each. */
function adapt<Part>(parts: Record<string, Part>[], differences: readonly Difference<Part>[]): string[] {
  return differences.map(({ reason, applies, adapt }) => {
    const touched = parts.flatMap((record) =>
      Object.entries(record).flatMap(([id, part]) => (applies(part) ? [{ record, id, part }] : [])),
    );
    // A difference that nothing needs any more would hide what it is about.
    if (touched.length === 0) throw new Error(`Nothing in the stack needs the difference "${reason}": remove it.`);
    for (const { record, id, part } of touched) {
      if (adapt) record[id] = adapt(part);
      else delete record[id];
    }
    return `${reason} (${touched.map(({ id }) => id).join(', ')})`;
  });
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
