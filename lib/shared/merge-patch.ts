import * as z from 'zod';

type Json = Record<string, unknown>;

type Scalar = string | number | bigint | boolean | null | undefined;

/** A merge patch for a value of `T`. Every member may be left out; optional members may be null. */
export type MergePatch<T> = T extends Scalar | readonly unknown[]
  ? T
  : { readonly [K in keyof T]?: MergePatch<Exclude<T[K], undefined>> | (undefined extends T[K] ? null : never) };

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * JSON Merge Patch (RFC 7396): a member of the patch replaces the target's, objects are merged member by member, null
 * removes a member, arrays are replaced whole. Neither argument is changed.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

/**
 * The schema of a merge patch for values of `schema`: every member may be left out, optional members may be null, objects
 * may be partial. The patched value must still be parsed with `schema`.
 */
export function mergePatchOf<S extends z.ZodObject>(schema: S) {
  // Built when a PATCH first needs it. The type describes what patchOfObject builds from the schema's own shape.
  return z.lazy(() => patchOfObject(schema)) as z.ZodType<MergePatch<z.input<S>>, MergePatch<z.input<S>>>;
}

function patchOfObject(schema: z.ZodObject): z.ZodType {
  const members = Object.entries(schema.shape).map(([name, member]) => {
    const patch = nullableIfOptional(member, patchOfMember(member)).optional();
    const description = descriptionOf(member);
    return [name, description === undefined ? patch : patch.register(z.globalRegistry, { description })];
  });
  return z.strictObject(Object.fromEntries(members));
}

/** The description of a member or, if it is optional or nullable without one, of its value. */
function descriptionOf(member: unknown): string | undefined {
  if (!(member instanceof z.ZodType)) return undefined;
  if (member.description !== undefined) return member.description;
  const isWrapped =
    member instanceof z.ZodOptional || member instanceof z.ZodNullable || member instanceof z.ZodDefault;
  return isWrapped ? descriptionOf(member.unwrap()) : undefined;
}

function nullableIfOptional(member: unknown, patch: z.ZodType): z.ZodType {
  const isOptional =
    member instanceof z.ZodOptional || member instanceof z.ZodNullable || member instanceof z.ZodDefault;
  // Of a list of choices that always has one, null restores the default, but a blank text is no null.
  if (member instanceof z.ZodDefault && member.unwrap() instanceof z.ZodEnum) return z.union([patch, z.null()]);
  return isOptional ? patch.nullable() : patch;
}

function patchOfMember(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return patchOfMember(schema.unwrap());
  if (schema instanceof z.ZodObject) return patchOfObject(schema);
  if (schema instanceof z.ZodRecord)
    return z.record(schema.keyType as z.core.$ZodRecordKey, patchOfMember(schema.valueType).nullable());
  if (schema instanceof z.ZodUnion) return z.union(schema.options.map(patchOfMember));
  if (schema instanceof z.ZodType) return schema;
  throw new Error('a member of an object schema is not a zod schema');
}
