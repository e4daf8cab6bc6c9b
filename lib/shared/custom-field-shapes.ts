import { createHash } from 'node:crypto';
import * as z from 'zod';

/**
 * What a stored value of a custom field must be to be shown: of a kind, or a choice. A removed field shows nothing. Choices
 * are fingerprints, because every request reads the shapes, and choices can be long.
 */
const Shape = z.union([z.enum(['text', 'number', 'date', 'boolean', 'removed']), z.array(z.string())]);
export type Shape = z.output<typeof Shape>;

const shapes = z.record(z.string(), Shape);

/** The shapes of fields whose definition was changed or removed. A field without a shape shows any value. */
export const CustomFieldShapes = z.object({ client: shapes, contact: shapes });
export type CustomFieldShapes = z.output<typeof CustomFieldShapes>;

/** 48 bits, which tell the fifty choices of a field apart. */
export function choiceFingerprint(choice: string): string {
  return createHash('sha256').update(choice).digest('base64url').slice(0, 8);
}

/** Whether a stored value is shown under a shape. */
export function isShown(shape: Shape | undefined, value: unknown): boolean {
  if (shape === undefined) return true;
  if (Array.isArray(shape)) return typeof value === 'string' && shape.includes(choiceFingerprint(value));
  switch (shape) {
    case 'text':
      return typeof value === 'string';
    case 'date':
      return z.iso.date().safeParse(value).success;
    case 'removed':
      return false;
    default:
      return typeof value === shape;
  }
}

/** The values that are shown. The others stay stored, and are shown again if a later definition fits them. */
function shownValues<V extends object>(shapesOfFields: Readonly<Record<string, Shape>> | undefined, values: V): V {
  if (shapesOfFields === undefined) return values;
  const hidden = Object.entries(values).filter(([name, value]) => !isShown(shapesOfFields[name], value));
  if (hidden.length === 0) return values;
  const shown = { ...values };
  for (const [name] of hidden) Reflect.deleteProperty(shown, name);
  return shown;
}

/** What tells which custom values are shown: a principal, or the company itself. */
interface Shaped {
  customFieldShapes?: CustomFieldShapes | undefined;
}

/** A client with the custom values that the present definitions show. */
export function withShownClientFields<C extends { customFields: object }>(shaped: Shaped, client: C): C {
  return { ...client, customFields: shownValues(shaped.customFieldShapes?.client, client.customFields) };
}

/** The same for a contact. */
export function withShownContactFields<C extends { customFields: object }>(shaped: Shaped, contact: C): C {
  return { ...contact, customFields: shownValues(shaped.customFieldShapes?.contact, contact.customFields) };
}
