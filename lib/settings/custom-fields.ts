import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { InputFault } from '../shared/errors.ts';
import { line } from '../shared/text.ts';

/** What a company has made of one of its four custom fields. */
export const CustomFieldDefinition = z
  .strictObject({
    label: line(100).meta({ examples: ['Tier'] }),
    kind: z.enum(['text', 'number', 'date', 'boolean', 'choice']).meta({ examples: ['choice'] }),
    choices: z
      .array(line(200))
      .min(1)
      .max(50)
      .optional()
      .describe('Of kind `choice` only: what can be chosen.')
      .meta({ uniqueItems: true, examples: [['gold', 'silver']] }),
    required: z.boolean().optional(),
  })
  .superRefine(({ kind, choices = [] }, context) => {
    const fault = (path: (string | number)[], code: string, message: string) =>
      context.addIssue({ code: 'custom', path, message, params: { code } });
    if (kind === 'choice' && choices.length === 0)
      fault(['choices'], 'required', 'A choice needs something to choose.');
    if (kind !== 'choice' && choices.length > 0)
      fault(['choices'], 'not-allowed', 'Only a field of kind choice has choices.');
    for (const [index, choice] of choices.entries())
      if (choices.indexOf(choice) < index) fault(['choices', index], 'duplicate', 'It is among the choices already.');
  })
  .meta({ id: 'CustomFieldDefinition' });
export type CustomFieldDefinition = z.output<typeof CustomFieldDefinition>;

const definition = CustomFieldDefinition.optional();
const Definitions = z.strictObject({
  custom1: definition,
  custom2: definition,
  custom3: definition,
  custom4: definition,
});
export type Definitions = z.output<typeof Definitions>;

export const CustomFieldDefinitions = z
  .strictObject({ client: Definitions.default({}), contact: Definitions.default({}) })
  .describe('Of clients and of contacts. A field without a definition takes any text, number or boolean.')
  .meta({ id: 'CustomFieldDefinitions' });
export type CustomFieldDefinitions = z.output<typeof CustomFieldDefinitions>;

/** Whether the company has defined any field. */
export function definesAny({ client, contact }: CustomFieldDefinitions): boolean {
  return [...Object.values(client), ...Object.values(contact)].some((one) => one !== undefined);
}

type Values = Readonly<Record<string, unknown>>;

interface Verdict {
  code: string;
  detail: string;
}

const wrongType = (detail: string): Verdict => ({ code: 'wrong-type', detail });

const verdicts: Record<
  CustomFieldDefinition['kind'],
  (value: unknown, definition: CustomFieldDefinition) => Verdict | undefined
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
 * What is wrong with custom values under a company's definitions. With `before`, the values as they are, only what
 * differs from them is looked at: what was stored under an older definition stays as good as it was.
 */
export function customFieldFaults(
  definitions: Definitions,
  values: Values,
  pointerBase: string,
  before?: Values,
): InputFault[] {
  return Object.entries(definitions).flatMap(([name, definition]) => {
    if (!definition) return [];
    const value = values[name];
    if (before && isDeepStrictEqual(value, before[name])) return [];
    const verdict = value === undefined ? missing(definition) : verdicts[definition.kind](value, definition);
    return verdict
      ? [{ pointer: `${pointerBase}/${name}`, ...verdict, detail: `${definition.label}: ${verdict.detail}` }]
      : [];
  });
}

function missing({ required }: CustomFieldDefinition): Verdict | undefined {
  return required ? { code: 'required', detail: 'The company requires it.' } : undefined;
}
