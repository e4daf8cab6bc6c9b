import { paymentServices } from '../../lib/billing/payments/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { createdReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { payments as contract } from './contract.ts';

const created = createdReply('/v1/payments');

export const handler = httpFunction(contract, (deps) => {
  const { payments, listPayments } = paymentServices(deps);
  return {
    createPayment: {
      run: async ({ principal, body, commit }) => created(await payments.create(principal, body, commit(created))),
      findFaults: ({ principal, body }) => payments.faultsOfCreation(principal, body),
    },
    async listPayments({ principal, query, cursor }) {
      const page = await listPayments(principal, query, await cursor.open(query.cursor));
      return pageReply(cursor, page.payments, page.next);
    },
    getPayment: async ({ principal, params }) => versionedReply(await payments.read(principal, params.paymentId)),
    refundPayment: async ({ principal, params, body, commit }) =>
      versionedReply(await payments.refund(principal, params.paymentId, body, commit(versionedReply))),
    reversePayment: async ({ principal, params, commit }) =>
      versionedReply(await payments.reverse(principal, params.paymentId, commit(versionedReply))),
  };
});
