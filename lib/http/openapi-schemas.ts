/** A JSON Schema as it stands in the OpenAPI document. */
type Schema = Record<string, unknown>;

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every schema of the document, from the outside in. */
export function schemasOf(value: unknown): Schema[] {
  if (Array.isArray(value)) return value.flatMap(schemasOf);
  if (!isSchema(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    // Examples look like anything.
    if (key === 'example' || key === 'examples') return [];
    if (key === 'schema') return schemaWithParts(member);
    if (key === 'schemas') return isSchema(member) ? Object.values(member).flatMap(schemaWithParts) : [];
    return schemasOf(member);
  });
}

/** A schema and all schemas within it, the outer ones first. */
function schemaWithParts(schema: unknown): Schema[] {
  if (!isSchema(schema)) return [];
  const { properties, items, additionalProperties, anyOf, oneOf, allOf } = schema;
  const members = isSchema(properties) ? Object.values(properties) : [];
  const branches = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return [schema, ...[...members, items, additionalProperties, ...branches].flatMap(schemaWithParts)];
}

/**
 * Makes schemas say what readers and generators of clients need, in place. Generators read a member with a `default` as one that
 * is always there, so the default moves into the description. What a nullable value is stands beside `anyOf`, where
 * readers look for it.
 */
export function polishSchemas(document: object): void {
  for (const schema of schemasOf(document)) {
    hoistDescription(schema);
    replaceDefault(schema);
  }
}

function hoistDescription(schema: Schema): void {
  const [value, nothing, ...others] = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  if (schema.description !== undefined || others.length > 0 || !isSchema(value) || nothing?.type !== 'null') return;
  if (value.description === undefined) return;
  schema.description = value.description;
  delete value.description;
}

function replaceDefault(schema: Schema): void {
  if (!('default' in schema)) return;
  const text = defaultText(schema.default);
  delete schema.default;
  if (text === undefined) return;
  const { description } = schema;
  if (typeof description !== 'string') schema.description = text;
  else if (!/\bdefault\b|left out/i.test(description)) schema.description = `${description} ${text}`;
}

/** Nothing is said of values that stand for nothing. */
function defaultText(value: unknown): string | undefined {
  if (value === null || value === '') return undefined;
  if (typeof value === 'object' && Object.keys(value).length === 0) return undefined;
  return `The default is ${typeof value === 'object' ? `\`${JSON.stringify(value)}\`` : `\`${value}\``}.`;
}
