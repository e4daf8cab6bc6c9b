import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { InputFault } from '../shared/errors.ts';
import type { FaultCode } from '../shared/faults.ts';
import { addFault } from '../shared/rules.ts';
import { line } from '../shared/text.ts';

/** A company's definition of one of the four custom fields. */
export const CustomFieldDefinition = z
  .strictObject({
    label: line(100)
      .describe('The name of the field, as people read it.')
      .meta({ examples: ['Tier'] }),
    kind: z
      .enum(['text', 'number', 'date', 'boolean', 'choice'])
      .describe('What values are: a date is a calendar day as text, a choice is one of `choices`.')
      .meta({ examples: ['choice'] }),
    choices: z
      .array(line(200))
      .min(1)
      .max(50, { abort: true })
      .optional()
      .describe('The values that can be chosen. Only a field of kind `choice` has them.')
      .meta({ uniqueItems: true, examples: [['gold', 'silver']] }),
    required: z.boolean().optional().describe('Whether every new client or contact needs a value.'),
  })
  .superRefine(({ kind, choices = [] }, context) => {
    const ofKind = { path: ['choices'], dependsOn: ['kind'] };
    if (kind === 'choice' && choices.length === 0)
      addFault(context, { ...ofKind, code: 'required', message: 'A field of kind choice needs choices.' });
    if (kind !== 'choice' && choices.length > 0)
      addFault(context, { ...ofKind, code: 'not-allowed', message: 'Only a field of kind choice has choices.' });
    for (const [index, choice] of choices.entries())
      if (choices.indexOf(choice) < index)
        addFault(context, { path: ['choices', index], code: 'duplicate', message: 'The choice is listed twice.' });
  })
  .meta({ id: 'CustomFieldDefinition' });
export type CustomFieldDefinition = z.output<typeof CustomFieldDefinition>;

const definition = CustomFieldDefinition.optional().describe(
  'The definition of this field. Without one, it takes any value.',
);
const Definitions = z.strictObject({
  custom1: definition,
  custom2: definition,
  custom3: definition,
  custom4: definition,
});
export type Definitions = z.output<typeof Definitions>;

/** The names of the custom fields of clients and of contacts. */
export const FIELD_NAMES = Definitions.keyof().options;

export const CustomFieldDefinitions = z
  .strictObject({
    client: Definitions.default({}).describe('The custom fields of clients.'),
    contact: Definitions.default({}).describe('The custom fields of contacts.'),
  })
  .describe(
    'The custom fields of clients and of contacts. A field that was never defined accepts any text, number or boolean. A field whose definition was removed accepts no value and shows none.',
  )
  .meta({ id: 'CustomFieldDefinitions' });
export type CustomFieldDefinitions = z.output<typeof CustomFieldDefinitions>;

/** Whether the company has defined any custom field. */
export function definesAny({ client, contact }: CustomFieldDefinitions): boolean {
  return [...Object.values(client), ...Object.values(contact)].some((definition) => definition !== undefined);
}

type Values = Readonly<Record<string, unknown>>;

interface ValueFault {
  code: FaultCode;
  detail: string;
}

const wrongType = (detail: string): ValueFault => ({ code: 'wrong-type', detail });

const checks: Record<
  CustomFieldDefinition['kind'],
  (value: unknown, definition: CustomFieldDefinition) => ValueFault | undefined
> = {
  text: (value) => (typeof value === 'string' ? undefined : wrongType('must be a text')),
  number: (value) => (typeof value === 'number' ? undefined : wrongType('must be a number')),
  boolean: (value) => (typeof value === 'boolean' ? undefined : wrongType('must be true or false')),
  date: (value) => {
    if (typeof value !== 'string') return wrongType('must be a date as text');
    return z.iso.date().safeParse(value).success
      ? undefined
      : { code: 'wrong-format', detail: 'must be a calendar day such as 2026-01-31' };
  },
  choice: (value, { choices = [] }) => {
    if (typeof value === 'string' && choices.includes(value)) return undefined;
    return { code: 'not-allowed', detail: `must be one of ${choices.map((choice) => `"${choice}"`).join(', ')}` };
  },
};

/**
 * The faults of custom values under a company's definitions. A field in `removed` accepts no value. With `before`, the stored
 * values, only values that differ from them are checked: what a definition hides may stay stored.
 */
export function customFieldFaults(
  definitions: Definitions,
  values: Values,
  pointerBase: string,
  before?: Values,
  removed: readonly string[] = [],
): InputFault[] {
  return FIELD_NAMES.flatMap((name) => {
    const definition = definitions[name];
    const value = values[name];
    if (before && isDeepStrictEqual(value, before[name])) return [];
    if (!definition && value !== undefined && removed.includes(name)) return [removedFault(`${pointerBase}/${name}`)];
    if (!definition) return [];
    const fault = value === undefined ? missing(definition) : checks[definition.kind](value, definition);
    return fault
      ? [{ pointer: `${pointerBase}/${name}`, ...fault, detail: `${definition.label}: ${fault.detail}` }]
      : [];
  });
}

const removedFault = (pointer: string): InputFault => ({
  pointer,
  code: 'not-allowed',
  detail: 'The company has removed this field. It accepts a value when it is defined again.',
});

function missing({ required }: CustomFieldDefinition): ValueFault | undefined {
  return required ? { code: 'required', detail: 'The company requires this field.' } : undefined;
}
