import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { verifyOwner } from '../support/verify-owner.ts';

/** A company to work on, with a few clients, their records, and an API token that may do everything. */
export interface Company {
  token: string;
  tokenId: string;
  userId: string;
  groupId: string;
  clientIds: string[];
  documentIds: string[];
  /** Of each kind of record of money, one for each client: an open invoice and a draft, a payment, a credit note. */
  invoiceIds: string[];
  paymentIds: string[];
  creditIds: string[];
}

const SignedUp = z.object({ company: z.object({ slug: z.string() }), user: z.object({ id: z.string() }) });
const Tokens = z.object({ accessToken: z.string() });
const ApiToken = z.object({ id: z.string(), secret: z.string() });
const Client = z.object({ id: z.string(), groupId: z.string() });
const Made = z.object({ id: z.string() });
const Announced = z.object({ document: z.object({ id: z.string() }) });

/** Signs a company up at the API. @throws Error when a step is refused */
export async function openCompany(url: string): Promise<Company> {
  const email = 'owner@fuzz.example';
  const password = randomBytes(18).toString('base64url');
  const post = poster(url);
  const { company, user } = await post('/v1/companies', SignedUp, {
    company: { name: 'Fuzz', currency: 'EUR' },
    owner: { email, name: 'Olive Owner', password },
  });
  await verifyOwner(url, { slug: company.slug, email });
  const signedIn = await post('/v1/auth/sign-in', Tokens, { company: company.slug, email, password });
  const asOwner = poster(url, signedIn.accessToken);
  const token = await asOwner('/v1/api-tokens', ApiToken, { name: 'fuzz', role: 'owner' });
  const clients: z.output<typeof Client>[] = [];
  for (const name of ['Ada', 'Brunel', 'Curie']) {
    const contacts = [{ firstName: name, email: `${name.toLowerCase()}@fuzz.example` }];
    clients.push(await asOwner('/v1/clients', Client, { name: `${name} Ltd`, contacts }));
  }
  const documentIds: string[] = [];
  const file = { name: 'Contract.pdf', contentType: 'application/pdf', size: 1, sha256: '0'.repeat(64) };
  for (const { id } of clients)
    documentIds.push((await asOwner(`/v1/clients/${id}/documents`, Announced, file)).document.id);
  const money: Pick<Company, 'invoiceIds' | 'paymentIds' | 'creditIds'> = {
    invoiceIds: [],
    paymentIds: [],
    creditIds: [],
  };
  const amount = { amount: 10_000, currency: 'EUR' };
  const lines = [{ description: 'Work', quantity: '1', unitPrice: amount }];
  const make = async (path: string, body: object) => (await asOwner(path, Made, body)).id;
  for (const { id: clientId } of clients) {
    const invoice = await make('/v1/invoices', { clientId, lines });
    await make(`/v1/invoices/${invoice}/send`, { mail: false });
    money.invoiceIds.push(invoice, await make('/v1/invoices', { clientId, lines }));
    money.paymentIds.push(
      await make('/v1/payments', { clientId, amount: { ...amount, amount: 100 }, date: '2026-01-31' }),
    );
    money.creditIds.push(await make('/v1/credits', { clientId, amount }));
  }
  return {
    ...money,
    token: token.secret,
    tokenId: token.id,
    userId: user.id,
    groupId: clients[0]?.groupId ?? '',
    clientIds: clients.map(({ id }) => id),
    documentIds,
  };
}

function poster(url: string, token?: string) {
  return async <S extends z.ZodType>(path: string, schema: S, body: unknown): Promise<z.output<S>> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} was answered ${response.status}: ${text}`);
    return schema.parse(JSON.parse(text));
  };
}
