import { beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { createClient, send, signUp, signUpVerified, type TestCompany } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

const Mails = z.array(z.object({ subject: z.string(), text: z.string() }));
const euros = (amount: number) => ({ amount, currency: 'EUR' });
const LINE = { description: 'Work', quantity: '1', unitPrice: euros(10_000) };

let company: TestCompany;
beforeAll(async () => {
  company = await signUp({ currency: 'EUR' });
});

const post = (path: string, body: object = {}) => send(path, { token: company.token, body });
const get = async (path: string) => (await send(path, company)).json;
const newClient = async (fields: Record<string, unknown> = {}): Promise<string> =>
  (await createClient(company, { name: 'A payer', ...fields })).id;

async function newDraft(clientId: string, fields: object = {}) {
  const { json, text, status } = await post('/v1/invoices', { clientId, lines: [LINE], ...fields });
  expect(status, text).toBe(201);
  return json;
}

async function newInvoice(clientId: string, fields: object = {}) {
  const { id } = await newDraft(clientId, fields);
  const { json, text, status } = await post(`/v1/invoices/${id}/send`, { mail: false });
  expect(status, text).toBe(200);
  return json;
}

/** Pointers and codes of a validation problem. */
async function faultsOf(answer: ReturnType<typeof post>): Promise<string[]> {
  const { json } = await answer;
  expect(json.type).toBe('/problems/validation');
  return json.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);
}

describe('an invoice', () => {
  it('goes from a draft to the last payment, and the ledger has every step', async () => {
    const clientId = await newClient();
    const draft = await newDraft(clientId, { lines: [{ ...LINE, taxRate: '20', taxName: 'VAT' }] });
    expect(draft).toMatchObject({ status: 'draft', number: null, client: null, totals: { gross: euros(12_000) } });
    const path = `/v1/invoices/${draft.id}`;
    const changed = await send(path, { method: 'PATCH', token: company.token, body: { reference: 'PO-1' } });
    expect(changed.json).toMatchObject({ reference: 'PO-1', version: 2 });
    const { json: sent } = await post(`${path}/send`, { mail: false });
    expect(sent).toMatchObject({
      status: 'sent',
      number: expect.stringMatching(/^\d{4}-\d{4}$/),
      client: { name: expect.any(String) },
    });
    await post('/v1/payments', { clientId, amount: euros(5_000), date: '2026-01-31' });
    expect(await get(path)).toMatchObject({ status: 'partial', totals: { paid: euros(5_000), due: euros(7_000) } });
    const { json: payment } = await post('/v1/payments', { clientId, amount: euros(8_000), date: '2026-01-31' });
    expect(payment).toMatchObject({ unallocated: euros(1_000), allocations: [{ amount: euros(7_000) }] });
    expect(await get(path)).toMatchObject({ status: 'paid', totals: { due: euros(0) } });
    const { data } = await get(`/v1/clients/${clientId}/ledger?sort=at`);
    expect(
      data.map(({ kind, balanceAfter }: { kind: string; balanceAfter: { amount: number } }) => [
        kind,
        balanceAfter.amount,
      ]),
    ).toEqual([
      ['invoice', 12_000],
      ['payment', 7_000],
      ['payment', -1_000],
    ]);
    expect(await get(`/v1/clients/${clientId}/ledger/proof`)).toEqual({
      holds: true,
      currencies: [{ currency: 'EUR', entries: 3, balance: -1_000, differences: [] }],
    });
  });

  it('that was sent is neither changed nor deleted, and one with money on it is not cancelled', async () => {
    const clientId = await newClient();
    const { id } = await newInvoice(clientId);
    const path = `/v1/invoices/${id}`;
    expectProblem(
      await send(path, { method: 'PATCH', token: company.token, body: { reference: 'x' } }),
      'invoice-sent',
    );
    expectProblem(await send(path, { method: 'DELETE', token: company.token }), 'invoice-sent');
    expectProblem(await post(`${path}/send`), 'invoice-sent');
    await post('/v1/payments', { clientId, amount: euros(1), date: '2026-01-31' });
    expectProblem(await post(`${path}/cancel`), 'invoice-settled');
  });

  it('without lines is not sent', async () => {
    const { id } = await newDraft(await newClient(), { lines: [] });
    expectProblem(await post(`/v1/invoices/${id}/send`), 'invoice-empty');
  });

  it('keeps its number when it is cancelled, and the next one has the next', async () => {
    const clientId = await newClient();
    const { id, number } = await newInvoice(clientId);
    expect((await post(`/v1/invoices/${id}/cancel`)).json).toMatchObject({
      status: 'cancelled',
      number,
      totals: { due: euros(0) },
    });
    const next = await newInvoice(clientId);
    expect(Number(next.number.slice(5))).toBe(Number(number.slice(5)) + 1);
  });

  it('keeps the client as it was', async () => {
    const clientId = await newClient({ name: 'Before', contacts: [] });
    const { id } = await newInvoice(clientId);
    await send(`/v1/clients/${clientId}`, { method: 'PATCH', token: company.token, body: { name: 'After' } });
    expect(await get(`/v1/invoices/${id}`)).toMatchObject({ clientName: 'Before', client: { name: 'Before' } });
  });
});

describe('bad input', () => {
  const line = (fields: object) => ({ lines: [{ ...LINE, ...fields }] });

  it.each<[string, object, string[]]>([
    [
      'a price with a fraction of a cent',
      line({ unitPrice: { amount: 0.5, currency: 'EUR' } }),
      ['/lines/0/unitPrice/amount wrong-type'],
    ],
    ['a negative price', line({ unitPrice: euros(-1) }), ['/lines/0/unitPrice/amount too-small']],
    ['a price of 10^18', line({ unitPrice: euros(1e18) }), ['/lines/0/unitPrice/amount too-big']],
    [
      'another currency',
      line({ unitPrice: { amount: 1, currency: 'USD' } }),
      ['/lines/0/unitPrice/currency wrong-currency'],
    ],
    ['a quantity with 30 decimals', line({ quantity: `1.${'1'.repeat(30)}` }), ['/lines/0/quantity too-long']],
    ['a quantity of 0', line({ quantity: '0.0' }), ['/lines/0/quantity out-of-range']],
    ['a tax rate above 100', line({ taxRate: '100.01' }), ['/lines/0/taxRate out-of-range']],
    ['200 001 lines', { lines: Array.from({ length: 200_001 }, () => 0) }, ['/lines too-many']],
    [
      'a line with nothing',
      { lines: [{ quantity: '1' }] },
      ['/lines/0/description required', '/lines/0/unitPrice required'],
    ],
    ['an item that does not exist', line({ itemId: 'itm_01JD8X3V5QZ7M2K4N6P8R0S1TA' }), ['/lines/0/itemId not-found']],
    ['a due date before the invoice', { issueDate: '2026-02-01', dueDate: '2026-01-31' }, ['/dueDate out-of-range']],
    [
      'an unknown field beside a wrong line',
      { ...line({ unitPrice: { amount: 1, currency: 'USD' } }), colour: 'red' },
      ['/colour unknown-field', '/lines/0/unitPrice/currency wrong-currency'],
    ],
  ])('%s is refused with every fault', async (_, fields, expected) => {
    const clientId = await newClient();
    const faults = await faultsOf(post('/v1/invoices', { clientId, lines: [LINE], ...fields }));
    expect(faults.sort()).toEqual(expected.sort());
  });

  it('a total beyond the largest amount is refused', async () => {
    const lines = [{ ...LINE, quantity: '999999999999', unitPrice: euros(1_000_000_000) }];
    expect(await faultsOf(post('/v1/invoices', { clientId: await newClient(), lines }))).toEqual(['/lines too-big']);
  });

  it('a client that does not exist is refused by invoices, payments and credit notes', async () => {
    const clientId = 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA';
    const expected = ['/clientId not-found'];
    expect(await faultsOf(post('/v1/invoices', { clientId, lines: [LINE] }))).toEqual(expected);
    expect(await faultsOf(post('/v1/payments', { clientId, amount: euros(1), date: '2026-01-31' }))).toEqual(expected);
    expect(await faultsOf(post('/v1/credits', { clientId, amount: euros(1) }))).toEqual(expected);
  });

  it('a payment is refused with the fault of each allocation', async () => {
    const [clientId, other] = [await newClient(), await newClient()];
    const [mine, theirs] = [await newInvoice(clientId), await newInvoice(other)];
    const draft = await newDraft(clientId);
    const allocations = [
      { invoiceId: mine.id, amount: euros(10_001) },
      { invoiceId: theirs.id, amount: euros(1) },
      { invoiceId: draft.id, amount: euros(1) },
    ];
    const body = { clientId, amount: euros(20_000), date: '2026-01-31', allocations };
    expect(await faultsOf(post('/v1/payments', body))).toEqual([
      '/allocations/0/amount/amount too-big',
      '/allocations/1/invoiceId not-found',
      '/allocations/2/invoiceId not-open',
    ]);
    for (const amount of [euros(0), euros(-5), { amount: 1.5, currency: 'EUR' }])
      expect((await post('/v1/payments', { clientId, amount, date: '2026-01-31' })).status).toBe(400);
  });
});

describe('credit', () => {
  it('of a credit note pays for an invoice and is given back', async () => {
    const clientId = await newClient();
    const { id } = await newInvoice(clientId);
    const { json: note } = await post('/v1/credits', { clientId, amount: euros(4_000), reason: 'Returned goods' });
    expect(note).toMatchObject({ number: expect.stringMatching(/^CN-\d{4}-\d{4}$/), applied: euros(0) });
    expect((await post(`/v1/invoices/${id}/apply-credit`)).json).toMatchObject({
      status: 'partial',
      totals: { credited: euros(4_000) },
    });
    expectProblem(await post(`/v1/invoices/${id}/apply-credit`), 'credit-insufficient');
    expectProblem(await post(`/v1/credits/${note.id}/cancel`), 'credit-insufficient');
    expect((await post(`/v1/invoices/${id}/release-credit`)).json).toMatchObject({ status: 'sent' });
    expect((await post(`/v1/credits/${note.id}/cancel`)).json.status).toBe('cancelled');
    expectProblem(await post(`/v1/credits/${note.id}/cancel`), 'credit-cancelled');
  });
});

describe('a refund and a reversal', () => {
  it('make the invoice owed again', async () => {
    const clientId = await newClient();
    const { id } = await newInvoice(clientId);
    const pay = async () => (await post('/v1/payments', { clientId, amount: euros(10_000), date: '2026-01-31' })).json;
    const refunded = await pay();
    expect((await post(`/v1/payments/${refunded.id}/refund`, { amount: euros(4_000) })).json).toMatchObject({
      status: 'partially-refunded',
      refunded: euros(4_000),
    });
    expect(await get(`/v1/invoices/${id}`)).toMatchObject({ status: 'partial', totals: { due: euros(4_000) } });
    expectProblem(await post(`/v1/payments/${refunded.id}/reverse`), 'payment-refunded');
    const mistaken = await pay();
    expect((await post(`/v1/payments/${mistaken.id}/reverse`)).json.status).toBe('reversed');
    expectProblem(await post(`/v1/payments/${mistaken.id}/reverse`), 'payment-reversed');
    expect(await get(`/v1/clients/${clientId}/ledger/proof`)).toMatchObject({ holds: true });
  });
});

describe('what clients show of it', () => {
  it('balances stand in profile, list and overview, and the list finds and sorts by them', async () => {
    const clientId = await newClient({ name: 'Owes most' });
    await newInvoice(clientId, {
      lines: [{ ...LINE, unitPrice: euros(90_000_000) }],
      issueDate: '2020-01-01',
      dueDate: '2020-01-15',
    });
    const balance = { currency: 'EUR', balance: 90_000_000 };
    expect((await get(`/v1/clients/${clientId}`)).balances).toMatchObject([
      { ...balance, invoiced: 90_000_000, paidToDate: 0 },
    ]);
    const overview = await get(`/v1/clients/${clientId}/overview`);
    expect(overview.balances).toMatchObject([{ ...balance, overdue: 90_000_000, oldestDueDate: '2020-01-15' }]);
    const { invoices } = overview.categories;
    expect(invoices.count).toBe(1);
    expect((await get(invoices.href)).data).toMatchObject([{ overdue: true, clientId }]);
    const { data } = await get('/v1/clients?sort=-balance&limit=1');
    expect(data).toMatchObject([{ id: clientId, balances: [balance] }]);
    await expect
      .poll(async () => (await get('/v1/clients?hasBalance=true&q=owes')).data.map(({ id }: { id: string }) => id), {
        timeout: 20_000,
      })
      .toEqual([clientId]);
  });

  it('the currency is locked by the first invoice, but can be made the client’s own', async () => {
    const clientId = await newClient();
    const setCurrency = (currency: string | null, path = '/settings') =>
      send(`/v1/clients/${clientId}${path}`, {
        method: 'PATCH',
        token: company.token,
        body: path === '' ? { settings: { currency } } : { currency },
      });
    expect((await setCurrency('USD')).status).toBe(200);
    expect((await setCurrency(null)).status).toBe(200);
    await newInvoice(clientId);
    expectProblem(await setCurrency('USD'), 'currency-locked');
    expectProblem(await setCurrency('USD', ''), 'currency-locked');
    expect((await setCurrency('EUR')).status).toBe(200);
    expectProblem(await setCurrency(null), 'currency-locked');
  });
});

describe('lists', () => {
  it('of invoices filter by every field and sort both ways', async () => {
    const clientId = await newClient();
    const first = await newInvoice(clientId, { issueDate: '2025-01-10', dueDate: '2025-03-01' });
    const second = await newInvoice(clientId, {
      issueDate: '2025-02-10',
      dueDate: '2025-02-20',
      lines: [{ ...LINE, quantity: '2' }],
    });
    const draft = await newDraft(clientId, { issueDate: '2025-03-10', dueDate: '2025-04-01' });
    const ids = async (query: string) =>
      (await get(`/v1/clients/${clientId}/invoices?${query}`)).data.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual([draft.id, second.id, first.id]);
    expect(await ids('sort=dueDate')).toEqual([second.id, first.id, draft.id]);
    expect(await ids('sort=-amount&status=sent')).toEqual([second.id, first.id]);
    expect(await ids('status=draft')).toEqual([draft.id]);
    expect(await ids('dateFrom=2025-02-01&dateTo=2025-02-28')).toEqual([second.id]);
    expect(await ids('dueTo=2025-02-28')).toEqual([second.id]);
    expect(await ids('overdue=true&sort=date')).toEqual([first.id, second.id]);
    expect(await ids('currency=USD')).toEqual([]);
    for (const query of ['dateFrom=2025-02-02&dateTo=2025-02-01', 'dueFrom=2025-02-02&dueTo=2025-02-01&sort=dueDate'])
      expect(await ids(query)).toEqual([]);
    for (const list of ['payments', 'credits'])
      expect((await get(`/v1/${list}?dateFrom=2025-02-02&dateTo=2025-02-01`)).data).toEqual([]);
    const ledger = `/v1/clients/${clientId}/ledger`;
    expect((await get(`${ledger}?from=2025-02-02&to=2025-02-01`)).data).toEqual([]);
    expect(await ids(`number=${first.number}`)).toEqual([first.id]);
  });
});

describe.skipIf(!inject('inboxIsOpen'))('the mail of an invoice (only if the inbox can be read)', () => {
  it('goes to the contacts that receive invoices, in the language of the client, with the link of the invoice', async () => {
    const verified = await signUpVerified();
    const { token, slug } = verified;
    const unwanted = `unwanted@${slug}.example`;
    const wanted = `wanted@${slug}.example`;
    const { id: clientId } = await createClient(verified, {
      name: 'Kunde',
      settings: { language: 'de' },
      contacts: [{ email: wanted }, { email: unwanted, receives: ['reminders'] }],
    });
    const { json: draft } = await send('/v1/invoices', { token, body: { clientId, lines: [LINE] } });
    const { json: sent } = await send(`/v1/invoices/${draft.id}/send`, { token, body: {} });
    const mailTo = async (address: string) =>
      Mails.parse(await (await fetch(`${inject('apiUrl')}/_local/mail?to=${encodeURIComponent(address)}`)).json());
    await expect.poll(() => mailTo(wanted), { timeout: 30_000 }).toHaveLength(1);
    const [mail] = await mailTo(wanted);
    expect(mail?.subject).toContain(sent.number);
    expect(mail?.text).toContain('100,00');
    expect(mail?.text).toContain(`/${slug}/invoices/${draft.id}`);
    expect(await mailTo(unwanted)).toEqual([]);
  });
});
