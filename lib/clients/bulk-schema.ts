import * as z from 'zod';
import { GroupId, PricingId } from '../shared/ids.ts';
import { ClientStatus } from './schema.ts';

/** The most clients of one bulk action. */
const MAX_BULK = 500;

const ids = z
  .array(z.string().min(1).max(100))
  .min(1)
  .max(MAX_BULK)
  .describe('The ids of the clients. A client whose id is given twice is changed once.')
  .meta({ examples: [['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA']] });

/** The field with the new value, for each action that sets one. */
const VALUE_FIELDS = { setGroup: 'groupId', setPricing: 'pricingId', setStatus: 'status' } as const;
const valueFields = Object.entries(VALUE_FIELDS);

/** One action for many clients. */
export const BulkInput = z
  .strictObject({
    action: z
      .enum(['archive', 'restore', 'setGroup', 'setPricing', 'setStatus'])
      .describe('What is done to each client.'),
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
  })
  .superRefine((input, context) => {
    for (const [action, field] of valueFields) {
      const given = input[field] !== undefined;
      if (given === (input.action === action)) continue;
      context.addIssue({
        code: 'custom',
        path: [field],
        message: given ? `This field is only allowed with ${action}.` : `The action ${action} requires this field.`,
        params: { code: given ? 'not-allowed' : 'required' },
      });
    }
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
