import * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import type { ClientId } from '../shared/ids.ts';
import { Currency } from '../shared/locale.ts';
import type { Principal } from '../shared/principal.ts';
import type { ClientRepository } from './repository.ts';
import { ClientProfile } from './schema.ts';

const Category = z
  .object({
    count: z
      .int()
      .nonnegative()
      .meta({ examples: [0] }),
    href: z
      .string()
      .describe('Where they are read.')
      .meta({ examples: ['/v1/invoices?clientId=cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
    createHref: z
      .string()
      .describe('Where one is created, with POST.')
      .meta({ examples: ['/v1/invoices'] }),
  })
  .meta({ id: 'OverviewCategory' });
type Category = z.output<typeof Category>;

/** A client at a glance: money by currency, notes, and what there is of each kind. */
export const ClientOverview = z
  .object({
    balances: z.array(
      z.object({
        currency: Currency,
        invoiced: z.int(),
        paidToDate: z.int(),
        balance: z.int(),
        credit: z.int(),
        overdue: z.int(),
        oldestDueDate: z.iso.date().nullable(),
      }),
    ),
    publicNotes: ClientProfile.shape.publicNotes.unwrap(),
    privateNotes: ClientProfile.shape.privateNotes.unwrap(),
    categories: z.object({
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
    }),
  })
  .meta({ id: 'ClientOverview' });
export type ClientOverview = z.output<typeof ClientOverview>;

/** Lists over all clients that take one as filter, by their category. */
const ofClient = (path: string, id: ClientId): Category => ({
  count: 0,
  href: `${path}?clientId=${id}`,
  createHref: path,
});

/** The overview of a client. One call. @throws Problem `not-found` */
export function overviewOf(clients: Pick<ClientRepository, 'withAmounts'>) {
  return async ({ companyId }: Principal, id: ClientId): Promise<ClientOverview> => {
    const found = await clients.withAmounts(companyId, id);
    if (!found) throw new Problem('not-found');
    const { client } = found;
    const documents = `/v1/clients/${id}/documents`;
    return {
      balances: [],
      publicNotes: client.publicNotes,
      privateNotes: client.privateNotes,
      categories: {
        // A client is in one group at a time.
        groups: { count: 1, href: `/v1/groups/${client.groupId}`, createHref: '/v1/groups' },
        invoices: ofClient('/v1/invoices', id),
        payments: ofClient('/v1/payments', id),
        recurringInvoices: ofClient('/v1/recurring-invoices', id),
        quotes: ofClient('/v1/quotes', id),
        credits: ofClient('/v1/credits', id),
        projects: ofClient('/v1/projects', id),
        tasks: ofClient('/v1/tasks', id),
        expenses: ofClient('/v1/expenses', id),
        documents: { count: found.documents, href: documents, createHref: documents },
      },
    };
  };
}
