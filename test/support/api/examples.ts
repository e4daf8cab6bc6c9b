import { vi } from 'vitest';
import * as z from 'zod';
import { demoCompany } from '../../../infra/local/cli/demo-company.ts';
import { PASSWORD, type Send, send } from './client.ts';
import { createDocument, put, waitUntilAvailable } from './documents.ts';
import { exampleMoney } from './example-money.ts';

/** What stands for the placeholders of an example, and who sends it. */
export interface Filling {
  readonly token?: string;
  /** Ids by their prefix, in addition to those of the world. */
  readonly ids?: Readonly<Record<string, string>>;
  /** Values of fields at the top of the body. */
  readonly body?: Readonly<Record<string, string>>;
}

const Mails = z.array(z.object({ text: z.string() }));
const slug = demoCompany.company.slug;

/** The demo company as examples find it: its owner, and records of every kind. */
export async function exampleWorld(url: string) {
  const { email, password } = demoCompany.owner;
  const signIn = (body: object) => answer('/v1/auth/sign-in', { body });
  const { accessToken: token } = await signIn({ company: slug, email, password });
  const post = (path: string, body: object) => answer(path, { token, body });
  /** Of the records that the examples created, the newest. */
  const ids: Record<string, string> = {};
  let count = 0;
  const freshAddress = () => `example-${++count}@harbour.example`;

  /** The token of the link in the newest mail to the address. */
  async function linkTo(address: string): Promise<string> {
    return vi.waitFor(
      async () => {
        const mails = await fetch(`${url}/_local/mail?to=${encodeURIComponent(address)}`);
        const [, link] = /#([\w-]{43})\b/.exec(Mails.parse(await mails.json()).at(-1)?.text ?? '') ?? [];
        if (link === undefined) throw new Error(`no mail with a link to ${address}`);
        return link;
      },
      { timeout: 30_000, interval: 100 },
    );
  }

  async function newClient(contactEmail: string, more: object = {}) {
    const client = await post('/v1/clients', { name: 'For an example', contacts: [{ email: contactEmail }], ...more });
    return { client: client.id, contact: client.contacts[0].id };
  }

  const contactIds = ({ client, contact }: { client: string; contact: string }) => ({ cli: client, con: contact });

  /** The tokens of a contact who has just signed in to the portal. */
  async function portalTokens() {
    const username = freshAddress();
    const { client, contact } = await newClient(username);
    await answer(`/v1/clients/${client}/contacts/${contact}/password`, {
      method: 'PUT',
      token,
      body: { password: PASSWORD },
    });
    const tokens = await answer('/v1/portal/sign-in', { body: { company: slug, username, password: PASSWORD } });
    return { username, ...tokens };
  }

  async function newCompany() {
    const address = freshAddress();
    const { company } = await answer('/v1/companies', {
      body: {
        company: { name: 'Example', currency: 'EUR' },
        owner: { email: address, name: 'Olive Owner', password: PASSWORD },
      },
    });
    return { company: company.slug, email: address };
  }

  async function failedMail(): Promise<string> {
    const { client, contact } = await newClient('bounce+example@simulator.amazonses.com', { sendWelcomeEmail: true });
    const contactPath = `/v1/clients/${client}/contacts/${contact}`;
    await vi.waitFor(
      async () => {
        const { emailStatus } = await answer(contactPath, { token });
        if (emailStatus.status !== 'bounced') throw new Error('not bounced yet');
      },
      { timeout: 30_000, interval: 100 },
    );
    await post(`${contactPath}/invitation`, {});
    return vi.waitFor(
      async () => {
        const { data } = await answer(`/v1/clients/${client}/system-logs?outcome=failure`, { token });
        const failed = data.find(({ event }: { event: string }) => event === 'mail.failed');
        if (!failed) throw new Error('no failed mail yet');
        return failed.id;
      },
      { timeout: 30_000, interval: 100 },
    );
  }

  async function invitedUser(): Promise<{ id: string; email: string }> {
    return post('/v1/users', { email: freshAddress(), name: 'Uma Invited', role: 'viewer' });
  }

  const money = exampleMoney(post);

  async function newDraft(): Promise<Filling> {
    const { client } = await newClient(freshAddress());
    return { ids: { inv: await money.draft(client) } };
  }

  /** A client that nothing else has changed, with an open invoice and as much credit. */
  async function clientWithCredit(): Promise<Filling> {
    const { client } = await newClient(freshAddress());
    const [crn, inv] = [await money.credit(client), await money.openInvoice(client)];
    return { ids: { cli: client, inv, crn } };
  }

  /** What an example needs before it is sent, by its operation. All others need only records that examples created. */
  const preparations: Readonly<Record<string, () => Promise<Filling>>> = {
    async confirmEmailVerification() {
      const { company, email: address } = await newCompany();
      return { body: { company, token: await linkTo(address) } };
    },
    refreshSession: async () => ({
      body: { refreshToken: (await signIn({ company: slug, email, password })).refreshToken },
    }),
    async acceptUserInvitation() {
      return { body: { token: await linkTo((await invitedUser()).email) } };
    },
    async confirmPasswordReset() {
      const { company, email: address } = await newCompany();
      const earlier = await linkTo(address);
      await answer('/v1/auth/password-reset', { body: { company, email: address } });
      const link = await vi.waitFor(
        async () => {
          const newest = await linkTo(address);
          if (newest === earlier) throw new Error('the mail for a new password has not arrived yet');
          return newest;
        },
        { timeout: 30_000, interval: 100 },
      );
      return { body: { company, token: link } };
    },
    signOut: async () => ({ token: (await signIn({ company: slug, email, password })).accessToken }),
    async sendUserInvitation() {
      return { ids: { usr: (await invitedUser()).id } };
    },
    async acceptPortalInvitation() {
      const address = freshAddress();
      await newClient(address, { sendWelcomeEmail: true });
      return { body: { token: await linkTo(address) } };
    },
    portalSignIn: async () => ({ body: { username: (await portalTokens()).username } }),
    refreshPortalSession: async () => ({ body: { refreshToken: (await portalTokens()).refreshToken } }),
    portalSignOut: async () => ({ token: (await portalTokens()).accessToken }),
    getPortalMe: async () => ({ token: (await portalTokens()).accessToken }),
    async acceptPortalLink() {
      const { client, contact } = await newClient(freshAddress());
      const link = await post(`/v1/clients/${client}/contacts/${contact}/portal-link`, {});
      return { body: { token: link.token } };
    },
    createPortalLink: async () => ({ ids: contactIds(await newClient(freshAddress())) }),
    setContactPassword: async () => ({ ids: contactIds(await newClient(freshAddress())) }),
    clearContactSuppression: async () => ({ ids: contactIds(await newClient(freshAddress())) }),
    inviteContact: async () => ({ ids: contactIds(await newClient(freshAddress())) }),
    async downloadDocument() {
      const { client } = await newClient(freshAddress());
      const { document, upload } = await createDocument(token, client, 'an example');
      await put(upload, 'an example');
      await waitUntilAvailable(token, client, document.id);
      return { ids: { cli: client, doc: document.id } };
    },
    retryMail: async () => ({ ids: { log: await failedMail() } }),
    async createPayment() {
      const { client } = await newClient(freshAddress());
      return { ids: { cli: client, inv: await money.openInvoice(client) } };
    },
    changeInvoice: newDraft,
    sendInvoice: newDraft,
    deleteInvoice: newDraft,
    async cancelInvoice() {
      const { client } = await newClient(freshAddress());
      return { ids: { inv: await money.openInvoice(client) } };
    },
    applyCredit: clientWithCredit,
    async releaseCredit() {
      const filling = await clientWithCredit();
      await post(`/v1/invoices/${filling.ids?.inv}/apply-credit`, {});
      return filling;
    },
    async reversePayment() {
      const { client } = await newClient(freshAddress());
      return { ids: { pay: await money.payment(client) } };
    },
    cancelCredit: clientWithCredit,
    async getMyClient() {
      const { id } = await answer('/v1/me', { token });
      await answer(`/v1/clients/${ids.cli}/users/${id}`, { method: 'PUT', token });
      return {};
    },
    async unlinkUser() {
      await answer(`/v1/clients/${ids.cli}/users/${ids.usr}`, { method: 'PUT', token });
      return {};
    },
  };

  return {
    token,
    ids,
    prepare: async (operation: string): Promise<Filling> => (await preparations[operation]?.()) ?? {},
  };
}

/** The body of an answer that must not be an error. */
async function answer(path: string, request: Send) {
  const { status, json, text } = await send(path, request);
  if (status >= 300) throw new Error(`${path} was answered ${status}: ${text}`);
  return json;
}

/** The id in the examples of all kinds of records, after its prefix. */
const EXAMPLE_ID = /\b([a-z]{2,4})_01JD8X3V5QZ7M2K4N6P8R0S1TA\b/g;

/** The body of an example with real ids and values. */
export function fillBody(body: unknown, ids: Readonly<Record<string, string>>, values: object = {}): unknown {
  if (body === undefined) return undefined;
  const filled = JSON.parse(JSON.stringify(body).replace(EXAMPLE_ID, (id, prefix: string) => ids[prefix] ?? id));
  return { ...filled, ...values };
}
