import * as z from 'zod';
import { LevelSettingsPatch } from '../settings/schema.ts';
import type { InputFault } from '../shared/errors.ts';
import type { FaultCode } from '../shared/faults.ts';
import { GroupId, PricingId } from '../shared/ids.ts';
import { addFault } from '../shared/rules.ts';
import { ClientStatus, Tags } from './schema.ts';

/** The most clients of one bulk action. */
const MAX_BULK = 500;

const ids = z
  .array(z.string().min(1).max(100))
  .min(1)
  .max(MAX_BULK)
  .describe('The ids of the clients. A client whose id is given twice is changed once.')
  .meta({ examples: [['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA']] });

/** The actions that take a value, for each field that has one. */
const VALUE_FIELDS = {
  groupId: ['setGroup'],
  pricingId: ['setPricing'],
  status: ['setStatus'],
  tags: ['addTags', 'removeTags'],
  settings: ['setSettings'],
} as const satisfies Record<string, readonly string[]>;

const isValueField = (name: string): name is keyof typeof VALUE_FIELDS => Object.hasOwn(VALUE_FIELDS, name);
const valueFields = Object.keys(VALUE_FIELDS).filter(isValueField);

type Values = { readonly [field in keyof typeof VALUE_FIELDS]?: unknown };

/** The values that the action does not take, and those that it lacks. */
function findMisplacedValues({ action, ...values }: Values & { action: string }) {
  return valueFields.flatMap((field): { field: string; code: FaultCode; detail: string }[] => {
    const actions: readonly string[] = VALUE_FIELDS[field];
    const isTaken = actions.includes(action);
    if (values[field] === undefined)
      return isTaken ? [{ field, code: 'required', detail: `The action ${action} requires this field.` }] : [];
    return isTaken
      ? []
      : [{ field, code: 'not-allowed', detail: `This field is only allowed with ${actions.join(' and ')}.` }];
  });
}

/** The faults of the values in a partly wrong body. Without an action, nobody knows which values it needs. */
export function faultsOfValues({ action, ...values }: Partial<BulkInput>): InputFault[] {
  if (action === undefined) return [];
  return findMisplacedValues({ action, ...values }).map(({ field, ...fault }) => ({ pointer: `/${field}`, ...fault }));
}

/** One action for many clients. */
export const BulkInput = z
  .strictObject({
    action: z
      .enum(['archive', 'restore', 'setGroup', 'setPricing', 'setStatus', 'addTags', 'removeTags', 'setSettings'])
      .describe('What is done with each client.'),
    ids,
    groupId: GroupId.nullable()
      .optional()
      .describe(
        'The new group. Required with `setGroup` and not allowed with other actions. Null moves the clients to the group General.',
      ),
    pricingId: PricingId.nullable()
      .optional()
      .describe(
        'The new pricing. Required with `setPricing` and not allowed with other actions. Null removes the pricing.',
      ),
    status: ClientStatus.optional().describe(
      'The new status. Required with `setStatus` and not allowed with other actions.',
    ),
    tags: Tags.min(1)
      .optional()
      .describe(
        'The tags to add or to remove, whatever their case. Required with `addTags` and `removeTags`, and not allowed with other actions.',
      ),
    settings: LevelSettingsPatch.optional().describe(
      "A merge patch of the clients' own settings: null removes a setting. Required with `setSettings` and not allowed with other actions.",
    ),
  })
  .superRefine((input, context) => {
    for (const { field, code, detail } of findMisplacedValues(input))
      addFault(context, { path: [field], code, message: detail });
  })
  .meta({
    id: 'BulkInput',
    examples: [{ action: 'archive', ids: ['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }],
  });
export type BulkInput = z.output<typeof BulkInput>;

export const BulkResult = z
  .object({
    results: z
      .array(
        z.object({
          id: z.string().describe('The id as it was given.'),
          status: z
            .int()
            .describe('The HTTP status that the same change of this client alone would have been answered with.')
            .meta({ examples: [200] }),
          problem: z
            .object({
              type: z
                .string()
                .meta({ description: 'The kind of problem, as a path.', examples: ['/problems/not-found'] }),
              title: z.string().describe('The kind of problem in words.'),
              status: z.int().describe('The HTTP status.'),
              detail: z.string().describe('What went wrong.'),
              errors: z
                .array(
                  z.object({
                    pointer: z.string().describe('A JSON pointer (RFC 6901) to the field.'),
                    code: z.string().describe('The kind of fault.'),
                    detail: z.string().describe('The fault in words.'),
                  }),
                )
                .optional()
                .describe('The faults of the input.'),
            })
            .optional()
            .describe('Why the client was not changed. Present only if it was not.'),
        }),
      )
      .describe('One result for each client, in the order of the ids.'),
  })
  .meta({ id: 'BulkResult' });
export type BulkResult = z.output<typeof BulkResult>;
