import * as z from 'zod';

/** The way to a field from the root of a value: names of members, and 0 for the first element of a list. */
export type FieldPath = readonly (string | 0)[];

/** The paths of all fields of a schema, at any depth, also of optional ones. */
export function fieldPaths(schema: unknown, above: FieldPath = [], outer: readonly unknown[] = []): FieldPath[] {
  // A recursive schema is followed once.
  if (outer.includes(schema)) return [];
  const inside = [...outer, schema];
  const into = (inner: unknown, ...step: FieldPath) => fieldPaths(inner, [...above, ...step], inside);
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, member]) => [[...above, name], ...into(member, name)]);
  if (schema instanceof z.ZodArray) return [[...above, 0], ...into(schema.element, 0)];
  if (schema instanceof z.ZodRecord) return [[...above, 'key'], ...into(schema.valueType, 'key')];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => into(option));
  if (schema instanceof z.ZodIntersection) return [...into(schema.def.left), ...into(schema.def.right)];
  if (schema instanceof z.ZodPipe) return [...into(schema.in), ...into(schema.out)];
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodLazy
  )
    return into(schema.unwrap());
  return [];
}

/** A JSON value with another value at the path. Objects and lists that are missing on the way are created. */
export function withValueAt(value: unknown, [step, ...rest]: FieldPath, inner: unknown): unknown {
  if (step === undefined) return inner;
  if (step === 0) {
    const [first, ...others] = Array.isArray(value) ? value : [];
    return [withValueAt(first, rest, inner), ...others];
  }
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  return { ...members, [step]: withValueAt(Object.entries(members).find(([name]) => name === step)?.[1], rest, inner) };
}
