import * as z from 'zod';
import { creditListQuery } from '../../lib/billing/credits/list.ts';
import { Credit, CreditInput } from '../../lib/billing/credits/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { CreditId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const creditParams = z.strictObject({ creditId: CreditId });
const reader = { role: 'viewer', module: 'clients' } as const;
const writer = { role: 'editor', module: 'clients' } as const;
const reply = { status: 200, description: 'The credit note.', schema: Credit } as const;

/** Credit notes of clients. */
export const credits = contract({
  createCredit: {
    method: 'POST',
    path: '/v1/credits',
    tag: 'Credits',
    summary: 'Issue a credit note',
    description:
      'For an open invoice, or free. It gets the next number, without gaps. What no invoice takes becomes credit of the client.',
    access: writer,
    body: CreditInput,
    examples: [
      {
        body: {
          clientId: 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA',
          amount: { amount: 2500, currency: 'EUR' },
          reason: 'Returned goods',
        },
      },
    ],
    reply: { status: 201, description: 'The credit note.', schema: Credit, location: true },
    versioned: true,
    problems: ['numbers-exhausted', 'balance-too-large', 'write-conflict'],
  },
  listCredits: {
    method: 'GET',
    path: '/v1/credits',
    tag: 'Credits',
    summary: 'List the credit notes',
    description:
      'A credit note must match all given filters. A page that is filtered may be short, even empty, and still have a next page.',
    access: reader,
    query: z.strictObject({ ...listQuery, ...creditListQuery }),
    reply: { status: 200, description: 'A page of credit notes.', schema: pageOf('CreditPage', Credit) },
    problems: ['bad-cursor'],
  },
  getCredit: {
    method: 'GET',
    path: '/v1/credits/{creditId}',
    tag: 'Credits',
    summary: 'Read a credit note',
    description: 'With the part that was taken off its invoice.',
    access: reader,
    params: creditParams,
    reply,
    versioned: true,
    problems: ['not-found'],
  },
  cancelCredit: {
    method: 'POST',
    path: '/v1/credits/{creditId}/cancel',
    tag: 'Credits',
    summary: 'Cancel a credit note',
    description:
      'Posts a reversing entry to the ledger. What it took off its invoice is owed again, and its credit is gone, so that must not have been used. The number stays used.',
    access: writer,
    params: creditParams,
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply,
    versioned: true,
    problems: ['not-found', 'credit-cancelled', 'credit-insufficient', 'balance-too-large', 'write-conflict'],
  },
});
