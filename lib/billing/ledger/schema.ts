import * as z from 'zod';
import { ClientId, EntryId, GroupId } from '../../shared/ids.ts';
import { Currency } from '../../shared/locale.ts';
import { Money } from '../../shared/money.ts';
import { Instant } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';

const Kind = z
  .enum(['invoice', 'payment', 'credit', 'refund', 'late-fee', 'reversal'])
  .describe('`reversal`: what cancels an earlier entry. Entries themselves never change.');

const Reference = z
  .object({
    type: z.enum(['invoice', 'payment', 'credit']).describe('Its kind.'),
    id: z
      .string()
      .describe('Its id.')
      .meta({ examples: ['inv_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
    number: z
      .string()
      .nullable()
      .describe('Its number; null for a payment.')
      .meta({ examples: ['2026-0042'] }),
  })
  .meta({ id: 'LedgerReference', description: 'The record that caused an entry.' });
export type LedgerReference = z.output<typeof Reference>;

/** An entry of the ledger of a client. */
export const LedgerEntry = z
  .object({
    id: EntryId,
    at: Instant.describe('When it was posted.'),
    kind: Kind,
    reference: Reference.describe('The record that caused it.'),
    debit: Money.nullable().describe('What the client owes more; null for a credit.'),
    credit: Money.nullable().describe('What the client owes less; null for a debit.'),
    balanceAfter: Money.describe(
      'The sum of all debits less all credits in this currency up to here. It is negative if the client has more credit than debts.',
    ),
  })
  .meta({ id: 'LedgerEntry', description: 'An entry of the ledger of a client. It never changes.' });
export type LedgerEntry = z.output<typeof LedgerEntry>;

/** An entry as it is stored, with amounts in minor units of its currency. */
export const ledgerEntryEntity = {
  name: 'ledger-entry',
  version: 1,
  schema: z.object({
    id: EntryId,
    clientId: ClientId,
    /** The group of the client at that time, for the report. */
    groupId: GroupId,
    place: z.int().positive(),
    at: Instant,
    kind: Kind,
    reference: Reference,
    currency: Currency,
    debit: z.int().nullable(),
    credit: z.int().nullable(),
    balanceAfter: z.int(),
  }),
} satisfies Entity;
export type StoredEntry = z.output<typeof ledgerEntryEntity.schema>;

export function toLedgerEntry({ id, at, kind, reference, currency, ...amounts }: StoredEntry): LedgerEntry {
  const money = (amount: number | null) => (amount === null ? null : { amount, currency });
  return {
    id,
    at,
    kind,
    reference,
    debit: money(amounts.debit),
    credit: money(amounts.credit),
    balanceAfter: { amount: amounts.balanceAfter, currency },
  };
}

const Difference = z
  .object({
    record: z
      .object({
        type: z
          .enum(['invoice', 'payment', 'entry', 'account'])
          .describe('Its kind; `account`: the balances of the client.'),
        id: z
          .string()
          .nullable()
          .describe('The id of the record; the place of a ledger entry; null for the account.')
          .meta({ examples: ['inv_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
      })
      .describe('Where the figure is.'),
    field: z
      .string()
      .describe('The name of the figure.')
      .meta({ examples: ['due'] }),
    expected: z.union([z.number(), z.string()]).describe('What the other records say, in minor units.'),
    found: z.union([z.number(), z.string()]).describe('What the record says, in minor units.'),
  })
  .meta({ id: 'LedgerDifference', description: 'A figure that differs from what the other records say.' });

/** The proof of a client's ledger. */
export const LedgerProof = z
  .object({
    holds: z.boolean().describe('Whether all figures agree.'),
    currencies: z
      .array(
        z.object({
          currency: Currency.describe('The currency.'),
          entries: z.int().nonnegative().describe('The number of entries in this currency.'),
          balance: z.int().describe('The sum of debits less the sum of credits, in minor units.'),
          differences: z.array(Difference).describe('The figures that differ from what the other records say.'),
        }),
      )
      .describe('What was found, for each currency.'),
  })
  .meta({ id: 'LedgerProof', description: 'Whether a ledger adds up, recalculated from all records.' });
export type LedgerProof = z.output<typeof LedgerProof>;
