import { env } from '../../lib/aws/env.ts';
import { creditServices } from '../../lib/billing/credits/wiring.ts';
import { invoiceServices } from '../../lib/billing/invoices/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { createdReply, emptyReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { invoices as contract } from './contract.ts';

const created = createdReply('/v1/invoices');

export const handler = httpFunction(contract, (deps) => {
  const { invoices, sending, listInvoices, listInvoicesOf } = invoiceServices(
    deps,
    parseMailLimits(env('MAIL_LIMITS')),
  );
  const { credits } = creditServices(deps);
  return {
    createInvoice: {
      run: async ({ principal, body, commit }) => created(await invoices.create(principal, body, commit(created))),
      findFaults: ({ principal, body }) => invoices.faultsOfCreation(principal, body),
    },
    async listInvoices({ principal, query, cursor }) {
      const page = await listInvoices(principal, query, await cursor.open(query.cursor));
      return pageReply(cursor, page.invoices, page.next);
    },
    async listInvoicesOfClient({ principal, params, query, cursor }) {
      const page = await listInvoicesOf(principal, params.clientId, query, await cursor.open(query.cursor));
      return pageReply(cursor, page.invoices, page.next);
    },
    getInvoice: async ({ principal, params }) => versionedReply(await invoices.read(principal, params.invoiceId)),
    changeInvoice: async ({ principal, params, body, ifMatch }) =>
      versionedReply(await invoices.change(principal, params.invoiceId, body, ifMatch)),
    async deleteInvoice({ principal, params, ifMatch }) {
      await invoices.delete(principal, params.invoiceId, ifMatch);
      return emptyReply;
    },
    sendInvoice: async ({ principal, params, body, commit }) =>
      versionedReply(
        await sending.send(principal, params.invoiceId, { mail: body?.mail ?? true }, commit(versionedReply)),
      ),
    cancelInvoice: async ({ principal, params, commit }) =>
      versionedReply(await sending.cancel(principal, params.invoiceId, commit(versionedReply))),
    copyInvoice: async ({ principal, params, commit }) =>
      created(await invoices.copy(principal, params.invoiceId, commit(created))),
    applyCredit: async ({ principal, params, body, commit }) =>
      versionedReply(await credits.apply(principal, params.invoiceId, body ?? {}, commit(versionedReply))),
    releaseCredit: async ({ principal, params, body, commit }) =>
      versionedReply(await credits.release(principal, params.invoiceId, body ?? {}, commit(versionedReply))),
  };
});
