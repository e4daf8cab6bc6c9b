import * as z from 'zod';
import type { OpenInvoice } from '../billing/invoices/schema.ts';
import { Problem } from '../shared/errors.ts';
import type { ClientId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import type { ClientRepository } from './repository.ts';
import { Balances, ClientProfile } from './schema.ts';

const Category = z
  .object({
    count: z
      .int()
      .nonnegative()
      .meta({ description: 'How many such records the client has.', examples: [0] }),
    href: z
      .string()
      .describe('The path that lists the records of this client, with GET.')
      .meta({ examples: ['/v1/invoices?clientId=cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
    createHref: z
      .string()
      .describe('The path that creates a record, with POST.')
      .meta({ examples: ['/v1/invoices'] }),
  })
  .meta({ id: 'OverviewCategory', description: 'The records of one kind that belong to the client.' });
type Category = z.output<typeof Category>;

/** A client at a glance: balances by currency, notes, and how many records of each kind it has. */
export const ClientOverview = z
  .object({
    balances: z
      .array(
        z.object({
          ...Balances.shape,
          overdue: z.int().describe('What is still owed after its due date, in minor units of the currency.'),
          oldestDueDate: z.iso
            .date()
            .nullable()
            .describe('The oldest due date of an open invoice; null if there is none.'),
        }),
      )
      .describe('The balances, for each currency.'),
    publicNotes: ClientProfile.shape.publicNotes.unwrap().describe('Notes that the client may see.'),
    privateNotes: ClientProfile.shape.privateNotes.unwrap().describe('Notes for staff.'),
    categories: z
      .object({
        groups: Category,
        invoices: Category,
        payments: Category,
        recurringInvoices: Category,
        quotes: Category,
        credits: Category,
        projects: Category,
        tasks: Category,
        expenses: Category,
        documents: Category,
      })
      .describe('The records of the client, by kind.'),
  })
  .meta({ id: 'ClientOverview' });
export type ClientOverview = z.output<typeof ClientOverview>;

/** A category whose list covers all clients and is filtered by one. */
const categoryOf = (path: string, id: ClientId, count = 0): Category => ({
  count,
  href: `${path}?clientId=${id}`,
  createHref: path,
});

interface OverviewDeps {
  clients: Pick<ClientRepository, 'withAmounts'>;
  /** Today in a time zone, as `YYYY-MM-DD`. */
  today: (timezone: string) => string;
}

/** What is overdue in a currency, and since when something is due. */
function lateness(open: readonly OpenInvoice[], currency: string, today: string) {
  const inCurrency = open.filter((invoice) => invoice.currency === currency);
  const overdue = inCurrency.filter(({ dueDate }) => dueDate < today);
  const [oldest] = inCurrency.map(({ dueDate }) => dueDate).sort();
  return { overdue: overdue.reduce((sum, { due }) => sum + due, 0), oldestDueDate: oldest ?? null };
}

/** Reads the overview of a client. One call. @throws Problem `not-found` */
export function overviewReader({ clients, today }: OverviewDeps) {
  return async ({ companyId, timezone }: Principal, id: ClientId): Promise<ClientOverview> => {
    const result = await clients.withAmounts(companyId, id);
    if (!result) throw new Problem('not-found');
    const { client, open, counts } = result;
    const documents = `/v1/clients/${id}/documents`;
    return {
      balances: client.balances.map((balance) => ({
        ...balance,
        ...lateness(open, balance.currency, today(timezone)),
      })),
      publicNotes: client.publicNotes,
      privateNotes: client.privateNotes,
      categories: {
        // A client is in one group at a time.
        groups: { count: 1, href: `/v1/groups/${client.groupId}`, createHref: '/v1/groups' },
        invoices: categoryOf('/v1/invoices', id, counts.invoices),
        payments: categoryOf('/v1/payments', id, counts.payments),
        recurringInvoices: categoryOf('/v1/recurring-invoices', id),
        quotes: categoryOf('/v1/quotes', id),
        credits: categoryOf('/v1/credits', id, counts.credits),
        projects: categoryOf('/v1/projects', id),
        tasks: categoryOf('/v1/tasks', id),
        expenses: categoryOf('/v1/expenses', id),
        documents: { count: result.documents, href: documents, createHref: documents },
      },
    };
  };
}
