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
      .describe('Parts of a field have a path: `billingAddress.city`, `phones.0.number`.')
      .meta({ examples: ['industry'] }),
    from: Value.describe('Null where there was nothing.'),
    to: Value.describe('Null where there is nothing any more.'),
  })
  .meta({
    id: 'ActivityChange',
    description:
      'Long texts and lists end with `…` where they were cut. Of private fields only the name is kept: `from` and `to` are both null.',
  });
export type FieldChange = z.output<typeof FieldChange>;

/** Characters of a text, and values of a list, that are kept. */
const TEXT_KEPT = 200;
const VALUES_KEPT = 20;
/** Bytes of all changes of an entry. */
const BYTES_KEPT = 6_000;

function isScalar(value: unknown): value is z.output<typeof Scalar> {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** The values of a record by their paths; what is empty is not there. */
function leaves(value: unknown, path: string): [path: string, value: NonNullable<Value>][] {
  if (value === null || value === undefined) return [];
  if (isScalar(value)) return [[path, value]];
  if (Array.isArray(value) && value.length > 0 && value.every(isScalar)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path === '' ? name : `${path}.${name}`));
}

/**
 * What differs between two states of a record, field by field. Undefined is the state before it came or after it went;
 * of such a record fields without text are left out. `named` are fields of which nothing but the name may be told.
 */
export function changesBetween(
  before: Readonly<Record<string, unknown>> | undefined,
  after: Readonly<Record<string, unknown>> | undefined,
  named: readonly string[],
): FieldChange[] {
  const [was, is] = [new Map(leaves(before, '')), new Map(leaves(after, ''))];
  const whole = before !== undefined && after !== undefined;
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((field) => {
    const [from, to] = [was.get(field) ?? null, is.get(field) ?? null];
    if (isDeepStrictEqual(from, to) || (!whole && (from ?? to) === '')) return [];
    const secret = named.some((name) => field === name || field.startsWith(`${name}.`));
    return [secret ? { field, from: null, to: null } : { field, from: cut(from), to: cut(to) }];
  });
}

function cut(value: Value): Value {
  if (typeof value === 'string') return cutText(value);
  if (!Array.isArray(value)) return value;
  const kept = value.slice(0, VALUES_KEPT).map((one) => (typeof one === 'string' ? cutText(one) : one));
  return value.length > VALUES_KEPT ? [...kept, '…'] : kept;
}

function cutText(text: string): string {
  // Whole characters: half of one is no well-formed text.
  return text.length <= TEXT_KEPT ? text : `${text.slice(0, TEXT_KEPT).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** As many changes, from the first on, as an entry has room for, and how many more there are. */
export function withinBounds(changes: readonly FieldChange[]): { changes: FieldChange[]; moreChanges: number } {
  let bytes = 0;
  const listed = changes.filter((change) => {
    bytes += Buffer.byteLength(JSON.stringify(change));
    return bytes <= BYTES_KEPT;
  });
  return { changes: listed, moreChanges: changes.length - listed.length };
}
