/** Makes records of money for the examples that need them in a certain state. */
export function exampleMoney(post: (path: string, body: object) => Promise<{ id: string }>) {
  const amount = { amount: 20_000, currency: 'EUR' };

  async function draft(clientId: string): Promise<string> {
    const lines = [{ description: 'For an example', quantity: '1', unitPrice: amount }];
    return (await post('/v1/invoices', { clientId, lines })).id;
  }

  return {
    draft,
    async openInvoice(clientId: string): Promise<string> {
      const id = await draft(clientId);
      await post(`/v1/invoices/${id}/send`, { mail: false });
      return id;
    },
    payment: async (clientId: string): Promise<string> =>
      (await post('/v1/payments', { clientId, amount, date: '2026-01-31' })).id,
    credit: async (clientId: string): Promise<string> => (await post('/v1/credits', { clientId, amount })).id,
  };
}
