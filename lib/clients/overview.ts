import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import type { ClientId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import type { ClientRepository } from './repository.ts';
import { ClientProfile } from './schema.ts';

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
        ClientProfile.shape.balances.element.extend({
          overdue: z.int().describe('What should have been paid by now. In minor units of the currency.'),
          oldestDueDate: z.iso
            .date()
            .nullable()
            .describe('The oldest due date of what is overdue; null if nothing is.'),
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
const categoryOf = (path: string, id: ClientId): Category => ({
  count: 0,
  href: `${path}?clientId=${id}`,
  createHref: path,
});

/** Reads the overview of a client. One call. @throws Problem `not-found` */
export function overviewReader(clients: Pick<ClientRepository, 'withAmounts'>) {
  return async ({ companyId }: Principal, id: ClientId): Promise<ClientOverview> => {
    const result = await clients.withAmounts(companyId, id);
    if (!result) throw new Problem('not-found');
    const { client } = result;
    const documents = `/v1/clients/${id}/documents`;
    return {
      balances: [],
      publicNotes: client.publicNotes,
      privateNotes: client.privateNotes,
      categories: {
        // A client is in one group at a time.
        groups: { count: 1, href: `/v1/groups/${client.groupId}`, createHref: '/v1/groups' },
        invoices: categoryOf('/v1/invoices', id),
        payments: categoryOf('/v1/payments', id),
        recurringInvoices: categoryOf('/v1/recurring-invoices', id),
        quotes: categoryOf('/v1/quotes', id),
        credits: categoryOf('/v1/credits', id),
        projects: categoryOf('/v1/projects', id),
        tasks: categoryOf('/v1/tasks', id),
        expenses: categoryOf('/v1/expenses', id),
        documents: { count: result.documents, href: documents, createHref: documents },
      },
    };
  };
}
