import * as z from 'zod';

/**
 * An example value of a schema, made from the examples of its parts, so that every operation has an example that matches its
 * schema. Optional members without an example are left out.
 */
export function sampleOf(schema: unknown): unknown {
  if (!(schema instanceof z.ZodType)) throw new Error('sampleOf needs a zod schema');
  const [example] = z.globalRegistry.get(schema)?.examples ?? [];
  if (example !== undefined) return example;
  if (schema instanceof z.ZodObject) {
    const members = Object.entries(schema.shape).map(([name, member]) => [name, sampleOf(member)]);
    return Object.fromEntries(members.filter(([, value]) => value !== undefined));
  }
  if (schema instanceof z.ZodOptional) return hasExample(schema.unwrap()) ? sampleOf(schema.unwrap()) : undefined;
  if (schema instanceof z.ZodNullable) return hasExample(schema.unwrap()) ? sampleOf(schema.unwrap()) : null;
  if (schema instanceof z.ZodDefault)
    return hasExample(schema.unwrap()) ? sampleOf(schema.unwrap()) : schema.def.defaultValue;
  if (schema instanceof z.ZodArray) return [sampleOf(schema.element)];
  if (schema instanceof z.ZodUnion) return sampleOf(schema.options[0]);
  if (schema instanceof z.ZodLazy) return sampleOf(schema.unwrap());
  if (schema instanceof z.ZodPipe) return sampleOf(schema.out);
  return sampleOfScalar(schema);
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
