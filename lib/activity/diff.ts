import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Value = z
  .union([z.string(), z.number(), z.boolean(), z.array(Scalar)])
  .nullable()
  .meta({ examples: ['Design'] });
type Value = z.output<typeof Value>;

/** One changed field. */
export const FieldChange = z
  .object({
    field: z
      .string()
      .describe('The name of the field, or the path to a part of it: `billingAddress.city`, `phones.0.number`.')
      .meta({ examples: ['industry'] }),
    from: Value.describe('The value before; null if the field had none.'),
    to: Value.describe('The value after; null if the field has none.'),
    redacted: z
      .literal(true)
      .optional()
      .describe('Present if the values are secret or private, so that only the name of the field is kept.'),
  })
  .meta({
    id: 'ActivityChange',
    description:
      'Long texts and lists are cut and end with `…`. A change that is `redacted` has null in `from` and `to`.',
  });
export type FieldChange = z.output<typeof FieldChange>;

/** Longer texts and lists are cut. */
const MAX_TEXT_LENGTH = 200;
const MAX_VALUES = 20;

function isScalar(value: unknown): value is z.output<typeof Scalar> {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** The values of a record by their paths. Nulls and empty collections have no entry. */
function leaves(value: unknown, path: string): [path: string, value: NonNullable<Value>][] {
  if (value === null || value === undefined) return [];
  if (isScalar(value)) return [[path, value]];
  if (Array.isArray(value) && value.length > 0 && value.every(isScalar)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path === '' ? name : `${path}.${name}`));
}

/**
 * The differences between two states of a record, field by field. A record that did not exist before, or that does not exist
 * after, is undefined; then fields with an empty text are left out. The values of `privateFields` are not recorded.
 */
export function changesBetween(
  before: Readonly<Record<string, unknown>> | undefined,
  after: Readonly<Record<string, unknown>> | undefined,
  privateFields: readonly string[],
): FieldChange[] {
  const [valuesBefore, valuesAfter] = [new Map(leaves(before, '')), new Map(leaves(after, ''))];
  const isUpdate = before !== undefined && after !== undefined;
  return [...new Set([...valuesAfter.keys(), ...valuesBefore.keys()])].flatMap((field) => {
    const [from, to] = [valuesBefore.get(field) ?? null, valuesAfter.get(field) ?? null];
    if (isDeepStrictEqual(from, to) || (!isUpdate && (from ?? to) === '')) return [];
    const isPrivate = privateFields.some((name) => field === name || field.startsWith(`${name}.`));
    return [isPrivate ? redactedChange(field) : { field, from: cut(from), to: cut(to) }];
  });
}

/** The change of a field whose values are not recorded. */
export function redactedChange(field: string): FieldChange {
  return { field, from: null, to: null, redacted: true };
}

function cut(value: Value): Value {
  if (typeof value === 'string') return cutText(value);
  if (!Array.isArray(value)) return value;
  const kept = value.slice(0, MAX_VALUES).map((entry) => (typeof entry === 'string' ? cutText(entry) : entry));
  return value.length > MAX_VALUES ? [...kept, '…'] : kept;
}

function cutText(text: string): string {
  // Never cuts a surrogate pair: half of one is not well-formed text.
  return text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The first changes, as many as fit into so many bytes, and the number of those that are left out. */
export function withinBounds(
  changes: readonly FieldChange[],
  maxBytes: number,
): { changes: FieldChange[]; moreChanges: number } {
  let bytes = 0;
  const listed = changes.filter((change) => {
    bytes += Buffer.byteLength(JSON.stringify(change));
    return bytes <= maxBytes;
  });
  return { changes: listed, moreChanges: changes.length - listed.length };
}
