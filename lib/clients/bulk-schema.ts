import * as z from 'zod';
import { GroupId, PricingId } from '../shared/ids.ts';
import { ClientStatus } from './schema.ts';

/** Clients that one bulk action may take. */
const MAX_BULK = 500;

const ids = z
  .array(z.string().min(1).max(100))
  .min(1)
  .max(MAX_BULK)
  .describe('Clients. One that is named twice is changed once.')
  .meta({ examples: [['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA']] });

/** For each action that needs one, the field that says what to set. */
const NEEDS = { setGroup: 'groupId', setPricing: 'pricingId', setStatus: 'status' } as const;
const needs = Object.entries(NEEDS);

/** One action for many clients. */
export const BulkInput = z
  .strictObject({
    action: z.enum(['archive', 'restore', 'setGroup', 'setPricing', 'setStatus']),
    ids,
    groupId: GroupId.nullable().optional().describe('With setGroup. Null: General.'),
    pricingId: PricingId.nullable().optional().describe('With setPricing.'),
    status: ClientStatus.optional().describe('With setStatus.'),
  })
  .superRefine((input, context) => {
    for (const [action, field] of needs) {
      const given = input[field] !== undefined;
      if (given === (input.action === action)) continue;
      context.addIssue({
        code: 'custom',
        path: [field],
        message: given ? `Only ${action} takes it.` : `${action} needs it.`,
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
          id: z.string(),
          status: z
            .int()
            .describe('The HTTP status that the change of this one client has.')
            .meta({ examples: [200] }),
          problem: z
            .object({
              type: z.string().meta({ examples: ['/problems/not-found'] }),
              title: z.string(),
              status: z.int(),
              detail: z.string(),
              errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
            })
            .optional()
            .describe('There where the client was not changed.'),
        }),
      )
      .describe('In the order of the ids.'),
  })
  .meta({ id: 'BulkResult' });
export type BulkResult = z.output<typeof BulkResult>;
