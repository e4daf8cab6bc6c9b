import { send, type TestCompany } from '../support/api/client.ts';

/** Uses each permission that invoices, payments, credit notes and ledgers need. */
export async function tourOfMoney({ token }: TestCompany): Promise<void> {
  const post = (path: string, body: object) =>
    send(path, { token, body, headers: { 'idempotency-key': crypto.randomUUID() } });
  const make = async (path: string, body: object) => (await post(path, body)).json.id;
  const euros = (amount: number) => ({ amount, currency: 'EUR' });

  const clientId = await make('/v1/clients', { name: 'Pays', contacts: [{ email: 'pays@tour.example' }] });
  const itemId = await make('/v1/items', { name: 'Hour' });
  const lines = [
    { itemId, quantity: '1.5', unitPrice: euros(10_000) },
    { description: 'Travel', quantity: '1', unitPrice: euros(2_000), taxRate: '20' },
  ];
  const draft = () => make('/v1/invoices', { clientId, lines });
  const sent = async (mail = false) => {
    const id = await draft();
    await post(`/v1/invoices/${id}/send`, { mail });
    return id;
  };
  const first = await sent(true);
  const second = await sent();
  await send(`/v1/invoices/${first}`, { token });
  const copy = (await post(`/v1/invoices/${first}/copy`, {})).json.id;
  await send(`/v1/invoices/${copy}`, { method: 'PATCH', token, body: { reference: 'PO-1', lines } });
  await send(`/v1/invoices/${copy}`, { method: 'DELETE', token });
  await post(`/v1/invoices/${await sent()}/cancel`, {});

  const payment = { clientId, amount: euros(1_000), date: '2026-01-31' };
  const chosen = await make('/v1/payments', { ...payment, allocations: [{ invoiceId: second, amount: euros(500) }] });
  const automatic = await make('/v1/payments', { ...payment, amount: euros(30_000) });
  await send(`/v1/payments/${automatic}`, { token });
  await post(`/v1/payments/${automatic}/refund`, { amount: euros(20_000) });
  await post(`/v1/payments/${chosen}/reverse`, {});

  const credit = await make('/v1/credits', { clientId, amount: euros(700) });
  const ofInvoice = await make('/v1/credits', { clientId, amount: euros(300), invoiceId: second });
  await make('/v1/credits', { clientId, amount: euros(50_000), invoiceId: await sent() });
  await send(`/v1/credits/${credit}`, { token });
  await post(`/v1/invoices/${second}/apply-credit`, { amount: euros(200) });
  await post(`/v1/invoices/${second}/release-credit`, { amount: euros(200) });
  for (const id of [credit, ofInvoice]) await post(`/v1/credits/${id}/cancel`, {});

  const lists = [
    { list: 'invoices', sorts: ['date', 'dueDate', 'number', 'amount'], status: 'sent' },
    { list: 'payments', sorts: ['date', 'amount'], status: 'received' },
    { list: 'credits', sorts: ['date', 'number', 'amount'], status: 'issued' },
  ];
  for (const { list, sorts, status } of lists)
    for (const sort of sorts)
      for (const filter of ['', `&clientId=${clientId}`, `&status=${status}`])
        await send(`/v1/${list}?limit=1&sort=${sort}${filter}`, { token });
  for (const list of ['invoices', 'credits']) await send(`/v1/${list}?number=2026-0001`, { token });
  await send(`/v1/clients/${clientId}/invoices?limit=1`, { token });
  await send(`/v1/clients/${clientId}/ledger?limit=1`, { token });
  await send(`/v1/clients/${clientId}/ledger/proof`, { token });
}
