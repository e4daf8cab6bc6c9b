import * as z from 'zod';

type Json = Record<string, unknown>;

/**
 * A body in which null replaces each blank text of a field that takes null, and in which blank texts of fields that may be
 * left out are left out. Forms send a blank for what nobody filled in. The body itself is not changed.
 *
 * A merge patch may leave out every field, also those that the record requires: of these a blank is no value, and stays.
 */
export function withoutBlanks(schema: unknown, value: unknown, isPatch: boolean): unknown {
  const inner = innermost(schema);
  if (inner instanceof z.ZodUnion) return withoutBlanks(inner.options.find(isObjectSchema), value, isPatch);
  // A patch replaces lists as a whole, so their entries are complete.
  if (inner instanceof z.ZodArray && Array.isArray(value))
    return value.map((entry) => withoutBlanks(inner.element, entry, false));
  if (!(inner instanceof z.ZodObject) || !isObject(value)) return value;
  const members: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const of: unknown = Object.hasOwn(inner.shape, name) ? inner.shape[name] : undefined;
    const mayBeMissing = !isPatch && accepts(of, undefined);
    // Notes and descriptions have no null: they are empty.
    if (member === null && isText(of) && !accepts(of, null) && mayBeMissing) continue;
    if (!isBlank(member) || !isText(of)) members.push([name, withoutBlanks(of, member, isPatch)]);
    else if (accepts(of, null)) members.push([name, null]);
    else if (!mayBeMissing) members.push([name, member]);
  }
  // Not assigned one by one: a member can have the name of a setter.
  return Object.fromEntries(members);
}

const isBlank = (value: unknown) => typeof value === 'string' && value.trim() === '';

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The schema without what says that a value may be missing or null. */
function innermost(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return innermost(schema.unwrap());
  return schema instanceof z.ZodLazy ? innermost(schema.unwrap()) : schema;
}

const isObjectSchema = (schema: unknown) => innermost(schema) instanceof z.ZodObject;

/**
 * Whether the values of a schema are texts, or can be. Not those of a list of choices that always has one: a blank must
 * not turn the status of a client into the default one.
 */
function isText(schema: unknown): boolean {
  if (schema instanceof z.ZodDefault && schema.unwrap() instanceof z.ZodEnum) return false;
  const inner = innermost(schema);
  if (inner instanceof z.ZodUnion) return inner.options.some((option) => isTextual(innermost(option)));
  return isTextual(inner) || inner instanceof z.ZodEnum;
}

const isTextual = (schema: unknown) =>
  schema instanceof z.ZodString || schema instanceof z.ZodStringFormat || schema instanceof z.ZodLiteral;

function accepts(schema: unknown, value: null | undefined): boolean {
  return schema instanceof z.ZodType && schema.safeParse(value).success;
}
