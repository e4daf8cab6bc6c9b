import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { loadDemo } from '../../infra/local/cli/demo.ts';
import { demoClients, demoCompany, demoUsers } from '../../infra/local/cli/demo-company.ts';
import { send } from '../support/api/client.ts';
import { waitUntilAvailable } from '../support/api/documents.ts';
import { type OwnStack, ownStack } from '../support/api/own-stack.ts';

const { slug } = demoCompany.company;
const { password } = demoCompany.owner;
const Mails = z.array(z.object({ text: z.string(), html: z.string() }));

describe.skipIf(!inject('apiIsLocal'))('the demo company (only local: npm start loads it)', () => {
  let own: OwnStack;
  let token: string;
  beforeAll(async () => {
    own = await ownStack();
    await loadDemo(own.stack.url, own.stack.data);
    token = await signIn(demoCompany.owner.email);
  });
  afterAll(() => own?.stop());

  async function signIn(email: string): Promise<string> {
    const { status, json } = await send('/v1/auth/sign-in', { body: { company: slug, email, password } });
    expect(status, email).toBe(200);
    return json.accessToken;
  }

  const list = async (path: string) => (await send(`/v1/${path}`, { token })).json.data;
  const clientOf = async (idNumber: string) =>
    (await list('clients?archived=any&limit=200')).find((client: { idNumber: string }) => client.idNumber === idNumber);

  /** How many there are of everything. */
  async function counts() {
    const { id } = await clientOf('HL-001');
    const paths = ['users', 'groups', 'pricings', 'items', 'clients?archived=any&limit=200'];
    const ofClient = ['users', 'contacts', 'documents', 'invoices', 'ledger'].map((path) => `clients/${id}/${path}`);
    return Promise.all([...paths, ...ofClient].map(async (path) => [path, (await list(path)).length]));
  }

  it('has something of everything, and loads again without doubling it', async () => {
    const before = await counts();
    for (const [path, count] of before) expect(count, path).toBeGreaterThanOrEqual(2);
    const { id } = await clientOf('HL-001');
    for (const document of await list(`clients/${id}/documents`)) await waitUntilAvailable(token, id, document.id);
    rmSync(own.stack.data.file('demo.json'));
    await loadDemo(own.stack.url, own.stack.data);
    expect(await counts()).toEqual(before);
  });

  it('has clients in every state, with names of several scripts', async () => {
    const clients = await list('clients?archived=any&limit=200');
    expect(clients).toHaveLength(demoClients.length);
    expect(clients.map(({ status }: { status: string }) => status)).toContain('inactive');
    expect(clients.some(({ archivedAt }: { archivedAt: string | null }) => archivedAt)).toBe(true);
    const names = clients.map(({ displayName }: { displayName: string }) => displayName).join();
    expect(names).toMatch(/\p{Script=Han}/u);
    expect(names).toMatch(/ü/);
  });

  it('has staff who can sign in, and one who is only invited', async () => {
    for (const { email, accepts } of demoUsers) if (accepts) await signIn(email);
    const statuses = (await list('users')).map(({ status }: { status: string }) => status);
    expect(statuses.filter((status: string) => status === 'invited')).toHaveLength(1);
  });

  it('has activity of several people, and contacts with and without their password', async () => {
    const { id } = await clientOf('HL-001');
    const activity = await list(`clients/${id}/activity`);
    const names = new Set(activity.map(({ actor }: { actor: { name: string } }) => actor.name));
    expect([...names].sort()).toEqual(['Ada Byron', 'Aoife Nolan', 'Declan Walsh', 'Orla Byrne']);
    const contacts = await list(`clients/${id}/contacts`);
    expect(contacts.map(({ portal }: { portal: { status: string } }) => portal.status).sort()).toEqual([
      'active',
      'invited',
    ]);
  });

  it('has invoices in every state of payment, and ledgers that add up', async () => {
    const invoices = await list('invoices?limit=200');
    const statuses = new Set(invoices.map(({ status }: { status: string }) => status));
    expect([...statuses].sort()).toEqual(['draft', 'paid', 'partial', 'sent']);
    expect(invoices.some(({ overdue }: { overdue: boolean }) => overdue)).toBe(true);
    const { id } = await clientOf('HL-001');
    expect((await send(`/v1/clients/${id}/ledger/proof`, { token })).json.holds).toBe(true);
  });

  it('has documents that can be downloaded, among them a PDF', async () => {
    const { id } = await clientOf('HL-001');
    const documents = await list(`clients/${id}/documents`);
    const starts = documents.map(async (document: { id: string; sha256: string }) => {
      await waitUntilAvailable(token, id, document.id);
      const { json } = await send(`/v1/clients/${id}/documents/${document.id}/download`, { token, body: {} });
      const bytes = Buffer.from(await (await fetch(json.url)).arrayBuffer());
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(document.sha256);
      return bytes.subarray(0, 5).toString('latin1');
    });
    expect(await Promise.all(starts)).toContain('%PDF-');
  });

  it('has mails with logo and letterhead, whose links lead to a page of this machine', async () => {
    const mailTo = async (address: string) =>
      Mails.parse(await (await fetch(`${own.stack.url}/_local/mail?to=${address}`)).json());
    const [toContact] = await mailTo('accounts@northwind.example');
    expect(toContact?.text).toMatch(/-- \nHarbour Lane Studio\n.*14 Harbour Lane, Unit 3, Dublin D02 X285, Ireland/s);
    expect(toContact?.html).toMatch(/<img\s[^>]*src="cid:logo_/);
    const [toUser] = await mailTo('books@demo.example');
    for (const [mail, path] of [
      [toContact, '/v1/portal/invitation/accept'],
      [toUser, '/v1/auth/invitation/accept'],
    ] as const) {
      const link = /http:\S+#[\w-]{43}/.exec(mail?.text ?? '')?.[0] ?? '';
      expect(link).toMatch(new RegExp(`^${own.stack.url}/_local/pages/(portal|staff)/demo/invitation#`));
      const answer = await fetch(link);
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'sha256-/);
      expect(await answer.text()).toContain(`data-path="${path}" data-company="demo" data-password=`);
    }
    for (const wrong of ['staff/demo/nothing', 'nobody/demo/invitation', 'staff/%3Cb%3E/invitation'])
      expect((await fetch(`${own.stack.url}/_local/pages/${wrong}`)).status, wrong).toBe(404);
  });
});
