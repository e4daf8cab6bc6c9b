import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { contracts } from '../../functions/contracts.ts';
import { exampleRecords } from '../../lib/http/example-records.ts';
import { openApi } from '../../lib/http/openapi.ts';
import { accessExtension, accessText } from '../../lib/http/openapi-access.ts';
import { schemasOf } from '../../lib/http/openapi-schemas.ts';
import { sampleOf } from '../../lib/http/sample.ts';
import { routes } from '../support/api/routes.ts';

const Schema = z.looseObject({ $ref: z.string().optional(), description: z.string().optional() });
type Schema = z.output<typeof Schema>;
const Parameter = z.object({ in: z.string(), name: z.string(), description: z.string().optional(), schema: Schema });
const Operation = z.looseObject({ description: z.string(), parameters: z.array(Parameter).default([]) });
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
});
const text = JSON.stringify(openApi(Object.values(contracts)));
const document = Document.parse(JSON.parse(text));
const { schemas } = document.components;

/** What a reference leads to. */
function resolve(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (schemas[name] ?? schema);
}

/** Whether a schema or what it refers to says what it is; of a nullable one, its value. */
function isDescribed(schema: Schema): boolean {
  if (schema.description !== undefined || resolve(schema).description !== undefined) return true;
  const branches = z.array(Schema).safeParse(schema.anyOf).data ?? [];
  return branches.length > 0 && branches.every((branch) => branch.type === 'null' || isDescribed(branch));
}

/** The properties of a component, with their places in it. */
function propertiesOf(schema: Schema, place: string): [string, Schema][] {
  const parts = z
    .looseObject({ properties: z.record(z.string(), Schema).default({}), items: Schema.optional() })
    .parse(schema);
  const branches = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => z.array(Schema).safeParse(schema[key]).data ?? []);
  const values = Schema.safeParse(schema.additionalProperties).data;
  return [
    ...Object.entries(parts.properties).flatMap(([name, member]): [string, Schema][] => [
      [`${place}.${name}`, member],
      ...propertiesOf(member, `${place}.${name}`),
    ]),
    ...[...branches, ...(parts.items ? [parts.items] : []), ...(values ? [values] : [])].flatMap((part) =>
      propertiesOf(part, place),
    ),
  ];
}

describe('descriptions', () => {
  const isMissing = ([, schema]: [string, Schema]) => !isDescribed(schema);

  it('every property of every schema has a description', () => {
    const properties = Object.entries(schemas).flatMap(([name, schema]) => propertiesOf(schema, name));
    expect(properties.length).toBeGreaterThan(500);
    expect(properties.filter(isMissing).map(([place]) => place)).toEqual([]);
  });

  it('every parameter has a description', () => {
    const missing = Object.values(document.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ operationId, parameters }) =>
        parameters
          .filter(({ description, schema }) => description === undefined && !isDescribed(schema))
          .map(({ name }) => `${operationId}: ${name}`),
      );
    expect(missing).toEqual([]);
  });

  it('every operation has a description besides the one of its access', () => {
    const missing = routes.filter(({ route }) => route.description === undefined);
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('every operation says who may call it, in words and for programs', () => {
    for (const { id, route } of routes) {
      const operation = document.paths[route.path]?.[route.method.toLowerCase()];
      expect(operation?.description, id).toContain(accessText(route.access));
      expect(operation?.['x-access'], id).toEqual(accessExtension(route.access));
    }
  });

  it('the words name role, API tokens and module', () => {
    expect(accessText('public')).toContain('without a token');
    expect(accessText('portal')).toContain('portal');
    expect(accessText({ role: 'editor', module: 'clients' })).toMatch(
      /users and API tokens with the role `editor` or a higher one\..*module must be active, and can/,
    );
    expect(accessText({ role: 'admin', peopleOnly: true })).toMatch(/users with the role `admin`.*no API tokens\.$/);
    expect(accessExtension({ role: 'admin', peopleOnly: true })).toMatchObject({ role: 'admin', apiTokens: false });
  });
});

describe('schemas', () => {
  it('no schema has a default, which generators of clients take for a value that is always there', () => {
    expect(schemasOf(JSON.parse(text)).filter((schema) => 'default' in schema)).toEqual([]);
  });

  it('no two schemas have the same shape', () => {
    // A property can have the name `description` as well.
    const isText = (key: string, value: unknown) =>
      (key === 'description' && typeof value === 'string') || key === 'examples';
    const shapeOf = (schema: Schema) =>
      JSON.stringify(schema, (key, value) => (isText(key, value) ? undefined : value));
    // Ids and other texts can have one shape and mean different things.
    const objects = Object.entries(schemas).filter(([, schema]) => schema.type === 'object');
    const byShape = Map.groupBy(objects, ([, schema]) => shapeOf(schema));
    const twins = [...byShape.values()].filter((group) => group.length > 1);
    expect(twins.map((group) => group.map(([name]) => name).join(' = '))).toEqual([]);
  });
});

describe('examples of replies', () => {
  const examples = routes.flatMap(({ id, route: { reply } }) =>
    reply.schema ? [{ id, schema: reply.schema, example: sampleOf(reply.schema, exampleRecords) }] : [],
  );

  it.each(examples)('$id matches its schema and has no text without a meaning', ({ schema, example }) => {
    expect(schema.safeParse(example).error).toBeUndefined();
    expect(JSON.stringify(example)).not.toMatch(/"text"[,}\]]/);
  });

  it('what the records say is said of fields that exist', () => {
    const unknown = Object.entries(exampleRecords).flatMap(([name, values]) => {
      const { properties = {} } = z
        .object({ properties: z.record(z.string(), z.unknown()).optional() })
        .parse(schemas[name] ?? schemas[`${name}Output`] ?? {});
      return Object.keys(values).flatMap((field) => (field in properties ? [] : [`${name}.${field}`]));
    });
    expect(unknown).toEqual([]);
  });
});

describe('examples', () => {
  it.each(routes.filter(({ route }) => route.body))('$id has an example of its body, which is valid', ({ route }) => {
    const bodies = (route.examples ?? []).filter(({ body }) => body !== undefined);
    expect(bodies.length).toBeGreaterThan(0);
    for (const { title, body } of bodies) {
      expect(route.body?.safeParse(body).error).toBeUndefined();
      expect(title !== undefined, 'several examples have titles').toBe(bodies.length > 1);
    }
  });

  it.each(routes.filter(({ route }) => route.examples?.some(({ query }) => query)))(
    '$id has valid examples of its query',
    ({ route }) => {
      for (const { query } of route.examples ?? []) expect(route.query?.safeParse(query ?? {}).error).toBeUndefined();
    },
  );
});
