import { expect, vi } from 'vitest';
import { createClient, send, signUpVerified, type TestCompany, tokenOf } from './client.ts';
import { createDocument } from './documents.ts';
import { signedInUser } from './links.ts';

export interface FullCompany {
  company: TestCompany;
  /** Another user of the company: an admin, signed in. */
  colleague: { id: string; token: string };
  /** A record for each path parameter. The records of clients belong to one client, which has two of each. */
  ids: Readonly<Record<string, string>>;
  /** The same for another client of the company. */
  idsOfOther: Readonly<Record<string, string>>;
}

/** A company in which every list has at least two entries. It reads the inbox, and waits for mails. */
export async function fullCompany(): Promise<FullCompany> {
  const company = await signUpVerified();
  const { token, userId } = company;
  const make = async (path: string, body: object): Promise<string> => {
    const answer = await send(path, { token, body });
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.text}`);
    return answer.json.id;
  };
  const colleague = await signedInUser(company, 'admin');
  await signedInUser(company, 'viewer');
  await tokenOf(company, 'admin');
  await tokenOf(company, 'viewer');
  const tokenId = (await send('/v1/api-tokens', { token })).json.data[0].id;

  const groupId = await make('/v1/groups', { name: 'A group' });
  const [pricingId] = [await make('/v1/pricings', { name: 'One' }), await make('/v1/pricings', { name: 'Two' })];
  const items = [await make('/v1/items', { name: 'One' }), await make('/v1/items', { name: 'Two' })];
  for (const item of items)
    await send(`/v1/pricings/${pricingId}/prices/${item}`, {
      method: 'PUT',
      token,
      body: { price: { amount: 1, currency: 'EUR' } },
    });

  const moneyOf = async (clientId: string): Promise<Record<string, string>> => {
    const amount = { amount: 1000, currency: 'EUR' };
    const twice = async (path: string, body: object) => [await make(path, body), await make(path, body)] as const;
    const lines = [{ description: 'Work', quantity: '1', unitPrice: amount }];
    const invoices = await twice('/v1/invoices', { clientId, lines });
    for (const id of invoices) await make(`/v1/invoices/${id}/send`, { mail: false });
    const [paymentId] = await twice('/v1/payments', { clientId, amount, date: '2026-01-31' });
    const [creditId] = await twice('/v1/credits', { clientId, amount });
    // A draft, because only drafts can be changed.
    const invoiceId = await make('/v1/invoices', { clientId, lines });
    return { invoiceId, paymentId, creditId };
  };
  const recordsOf = async (name: string): Promise<Record<string, string>> => {
    const client = await createClient(company, {
      name,
      number: name,
      tags: ['one', 'two'],
      contacts: ['one', 'two'].map((contact) => ({ email: `${contact}@${name}.${company.slug}.example` })),
    });
    const path = `/v1/clients/${client.id}`;
    const [contact, second] = client.contacts;
    for (const { id } of [contact, second]) await make(`${path}/contacts/${id}/invitation`, {});
    for (const user of [userId, colleague.id]) await send(`${path}/users/${user}`, { method: 'PUT', token });
    const money = await moneyOf(client.id);
    await createDocument(token, client.id, 'one');
    const { document } = await createDocument(token, client.id, 'two');
    const logId = await vi.waitFor(
      async () => {
        const { data } = (await send(`${path}/system-logs?category=mail`, { token })).json;
        expect(data.length).toBeGreaterThanOrEqual(2);
        return data[0].id;
      },
      { timeout: 60_000, interval: 200 },
    );
    return { clientId: client.id, contactId: contact.id, documentId: document.id, logId, ...money };
  };
  /** The tags are counted in the background. */
  const tagsCounted = () =>
    vi.waitFor(
      async () => expect((await send('/v1/clients/tags', { token })).json.data.length).toBeGreaterThanOrEqual(2),
      { timeout: 60_000, interval: 200 },
    );
  const common = { userId, tokenId, groupId, pricingId, itemId: items[0] ?? '' };
  const [theirs, other] = [await recordsOf('theirs'), await recordsOf('other')];
  await tagsCounted();
  return { company, colleague, ids: { ...common, ...theirs }, idsOfOther: { ...common, ...other } };
}
