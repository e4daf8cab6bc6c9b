import * as z from 'zod';

/** Values of members by the name of the schema that has them. */
type Records = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * An example value of a schema, made from `records` and else from the examples of its parts, so that every operation has an
 * example that matches its schema. Optional members without an example are left out.
 */
export function sampleOf(schema: unknown, records: Records = {}): unknown {
  const sample = (part: unknown) => sampleOf(part, records);
  if (!(schema instanceof z.ZodType)) throw new Error('sampleOf needs a zod schema');
  const [example] = z.globalRegistry.get(schema)?.examples ?? [];
  if (example !== undefined) return example;
  if (schema instanceof z.ZodObject) {
    const members = Object.entries(schema.shape).map(([name, member]) => [name, sample(member)]);
    const made = Object.fromEntries(members.filter(([, value]) => value !== undefined));
    return withValues(made, records[z.globalRegistry.get(schema)?.id ?? '']);
  }
  if (schema instanceof z.ZodOptional) return hasExample(schema.unwrap()) ? sample(schema.unwrap()) : undefined;
  if (schema instanceof z.ZodNullable) return hasExample(schema.unwrap()) ? sample(schema.unwrap()) : null;
  if (schema instanceof z.ZodDefault)
    return hasExample(schema.unwrap()) ? sample(schema.unwrap()) : schema.def.defaultValue;
  if (schema instanceof z.ZodArray) return [sample(schema.element)];
  if (schema instanceof z.ZodUnion) return sample(schema.options[0]);
  if (schema instanceof z.ZodLazy) return sample(schema.unwrap());
  if (schema instanceof z.ZodPipe) return sample(schema.out);
  return sampleOfScalar(schema);
}

/** A value with other values in places: members of objects one by one, all else as a whole. */
function withValues(value: unknown, values: unknown): unknown {
  if (values === undefined) return value;
  if (!isObject(value) || !isObject(values)) return values;
  const replaced = Object.entries(values).map(([name, inner]) => [name, withValues(value[name], inner)]);
  return { ...value, ...Object.fromEntries(replaced) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sampleOfScalar(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodEnum) return schema.options[0];
  if (schema instanceof z.ZodLiteral) return schema.value;
  if (schema instanceof z.ZodNumber) return Math.max(1, schema.minValue ?? 1);
  if (schema instanceof z.ZodBoolean) return true;
  if (schema instanceof z.ZodRecord) return {};
  if (schema instanceof z.ZodISODate) return '2026-01-31';
  if (schema instanceof z.ZodString) return 'text';
  throw new Error(`cannot make an example of ${schema.type}`);
}

function hasExample(schema: unknown): boolean {
  if (!(schema instanceof z.ZodType)) return false;
  if (z.globalRegistry.get(schema)?.examples) return true;
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return hasExample(schema.unwrap());
  return schema instanceof z.ZodObject && Object.values(schema.shape).some(hasExample);
}
