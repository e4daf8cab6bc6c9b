import * as z from 'zod';

/** A part of a schema that has no parts itself, with the place where it was found first. */
export interface Leaf {
  place: string;
  schema: z.ZodType;
}

/** Every leaf of a schema once: members, elements, keys and values of records, branches of unions, what pipes connect. */
export function leavesOf(schema: unknown, place: string, seen: Set<unknown>): Leaf[] {
  if (!(schema instanceof z.ZodType)) throw new Error(`${place} is not a zod schema`);
  if (seen.has(schema)) return [];
  seen.add(schema);
  const inside = (part: unknown, name: string) => leavesOf(part, `${place}${name}`, seen);
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, member]) => inside(member, `.${name}`));
  if (schema instanceof z.ZodArray) return inside(schema.element, '[]');
  if (schema instanceof z.ZodRecord) return [...inside(schema.keyType, '{key}'), ...inside(schema.valueType, '{}')];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => inside(option, ''));
  // A transform gets only what the schema before it accepts, so it is tried behind that.
  if (schema instanceof z.ZodPipe && schema.out instanceof z.ZodTransform)
    return [...inside(schema.in, ''), { place, schema }];
  if (schema instanceof z.ZodPipe) return [...inside(schema.in, ''), ...inside(schema.out, '')];
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodLazy
  )
    return inside(schema.unwrap(), '');
  return [{ place, schema }];
}
