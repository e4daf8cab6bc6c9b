import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** The OpenAPI document, with its schemas under `$defs`, where JSON Schema expects them. */
const text = readFileSync(new URL('../../../functions/docs/openapi.json', import.meta.url), 'utf8');
const Media = z.object({ schema: z.record(z.string(), z.unknown()) });
const Response = z.object({
  headers: z.record(z.string(), z.object({ required: z.boolean().optional() })).default({}),
  content: z.record(z.string(), Media).default({}),
});
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.record(z.string(), Response) }))),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});
const document = Document.parse(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));

const paths = Object.entries(document.paths).map(([template, operations]) => ({
  operations,
  pattern: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}));

const schemas = new Map<object, z.ZodType>();

function schemaOf(media: z.output<typeof Media>): z.ZodType {
  const known = schemas.get(media);
  if (known) return known;
  const made = z.fromJSONSchema({ ...media.schema, $defs: document.components.schemas } as Parameters<
    typeof z.fromJSONSchema
  >[0]);
  schemas.set(media, made);
  return made;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** How an answer differs from the documentation of its operation; nothing for paths without an operation. */
export function undocumented(method: string, target: string, { status, headers, text: body }: Answer): string[] {
  const [path = ''] = target.split('?');
  const operation = paths.find(({ pattern }) => pattern.test(path))?.operations[method.toLowerCase()];
  if (!operation) return [];
  const documented = operation.responses[String(status)];
  if (!documented) return [`status ${status} is not documented`];
  const missing = Object.entries(documented.headers)
    .filter(([name, { required }]) => required && !headers.has(name))
    .map(([name]) => `the header ${name} is missing`);
  return [...missing, ...undocumentedBody(documented, headers.get('content-type'), body)];
}

function undocumentedBody({ content }: z.output<typeof Response>, type: string | null, body: string): string[] {
  if (Object.keys(content).length === 0) return body === '' ? [] : ['a body is not documented'];
  const media = content[type?.split(';')[0] ?? ''];
  if (!media) return [`the content type ${type} is not documented`];
  const result = schemaOf(media).safeParse(JSON.parse(body));
  return result.success ? [] : [z.prettifyError(result.error)];
}
