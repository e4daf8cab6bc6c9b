import * as z from 'zod';

const made = new WeakMap<z.ZodType, z.ZodType>();

/**
 * The schema of an object without the rules between its fields, and with every field of its own optional: what a partly
 * wrong body is read with. The fields of inner objects stay as they are.
 */
export function lenientSchemaOf(schema: z.ZodType): z.ZodType {
  const known = made.get(schema);
  if (known) return known;
  const inner = schema instanceof z.ZodLazy ? schema.unwrap() : schema;
  const lenient = inner instanceof z.ZodObject ? z.object(shapeWithoutRules(inner)).partial() : schema;
  made.set(schema, lenient);
  return lenient;
}

function shapeWithoutRules(schema: z.ZodObject): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(schema.shape).map(([name, member]) => [name, withoutRules(member)]));
}

function withoutRules(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodOptional) return withoutRules(schema.unwrap()).optional();
  if (schema instanceof z.ZodNullable) return withoutRules(schema.unwrap()).nullable();
  if (schema instanceof z.ZodDefault) return withoutRules(schema.unwrap()).default(schema.def.defaultValue);
  if (schema instanceof z.ZodArray) return z.array(withoutRules(schema.element));
  if (schema instanceof z.ZodObject) return z.object(shapeWithoutRules(schema));
  if (schema instanceof z.ZodType) return schema;
  throw new Error('a member of an object schema is not a zod schema');
}
