import { describe, expect, inject, it, vi } from 'vitest';
import * as z from 'zod';
import { createClient, send, signUp, signUpVerified, type TestCompany, tokenOf } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

const Captured = z.object({
  from: z.string(),
  fromName: z.string(),
  replyTo: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  tags: z.record(z.string(), z.string()),
});

const local = inject('apiIsLocal');
const unique = () => crypto.randomUUID().slice(0, 8);

async function mailsTo(address: string) {
  const answer = await fetch(`${inject('apiUrl')}/_local/mail?to=${encodeURIComponent(address)}`);
  return z.array(Captured).parse(await answer.json());
}

const mailTo = (address: string, count = 1) =>
  vi.waitFor(
    async () => {
      const mails = await mailsTo(address);
      expect(mails).toHaveLength(count);
      return mails[count - 1];
    },
    { timeout: 30_000, interval: 100 },
  );

interface Entry {
  id: string;
  event: string;
  outcome: string;
  detail: string;
  subject: { type: string; id: string };
}

const logOf = async ({ token }: TestCompany, client: string): Promise<Entry[]> =>
  (await send(`/v1/clients/${client}/system-logs?category=mail`, { token })).json.data;

/** The entries of exactly these events, in any order. */
const logged = (company: TestCompany, client: string, ...events: string[]) =>
  vi.waitFor(
    async () => {
      const entries = await logOf(company, client);
      expect(entries.map(({ event }) => event).sort()).toEqual(events.toSorted());
      return events.map((event) => entries.find((entry) => entry.event === event));
    },
    { timeout: 30_000, interval: 100 },
  );

describe.skipIf(!local)('mail (local stack only: the test reads the inbox)', () => {
  it('is sent once for a client that is created with a welcome mail, and logged for the client', async () => {
    const company = await signUpVerified({ name: 'Büro Süd' });
    const { token } = company;
    const sender = { fromName: 'Büro, Süd', replyTo: 'answers@sued.example', color: '#aa3300' };
    expect((await send('/v1/company/settings', { method: 'PATCH', token, body: { sender } })).json.sender).toEqual(
      sender,
    );
    const email = `ada-${unique()}@books.example`;
    const client = await createClient(company, {
      name: 'Harbour',
      contacts: [{ firstName: 'عادة', lastName: 'Byron\u202e', email, language: 'de' }],
      sendWelcomeEmail: true,
    });
    const mail = await mailTo(email);
    expect(mail).toMatchObject({
      fromName: 'Büro, Süd',
      replyTo: ['answers@sued.example'],
      tags: { company: company.id },
    });
    expect(mail?.text).toContain('عادة');
    expect(mail?.html).toContain('lang="de"');
    expect(mail?.text).toMatch(new RegExp(`/portal/${company.slug}/invitation#[\\w-]{43}`));
    const [entry] = await logged(company, client.id, 'mail.sent');
    expect(entry).toMatchObject({ outcome: 'success', subject: { type: 'contact', id: client.contacts[0].id } });
    expect(JSON.stringify(entry)).not.toContain('@');
    expectProblem(await send(`/v1/system-logs/${entry?.id}/retry`, { token, body: {} }), 'mail-not-failed');
    expect(await mailsTo(email)).toHaveLength(1);
  });

  it('that bounces marks the contact and suppresses further mail, until an admin clears it', async () => {
    const company = await signUpVerified();
    const { token } = company;
    const email = `bounce+${unique()}@simulator.amazonses.com`;
    const client = await createClient(company, { name: 'B', contacts: [{ email }], sendWelcomeEmail: true });
    const contact = `/v1/clients/${client.id}/contacts/${client.contacts[0].id}`;
    expect(client.contacts[0].emailStatus).toEqual({ status: 'ok', since: null });
    await logged(company, client.id, 'mail.bounced', 'mail.sent');
    const marked = (await send(contact, { token })).json;
    expect(marked.emailStatus).toEqual({ status: 'bounced', since: expect.stringMatching(/Z$/) });

    await send(`${contact}/invitation`, { token, body: {} });
    const [failed] = await logged(company, client.id, 'mail.failed', 'mail.bounced', 'mail.sent');
    expect(failed?.outcome).toBe('failure');
    expect(await mailsTo(email)).toHaveLength(1);

    const editor = await tokenOf(company, 'editor');
    expectProblem(await send(`${contact}/suppression`, { method: 'DELETE', token: editor }), 'role-too-low');
    expect((await send(`${contact}/suppression`, { method: 'DELETE', token })).status).toBe(204);
    expect((await send(contact, { token })).json.emailStatus).toEqual({ status: 'ok', since: null });
    const retry = () => send(`/v1/system-logs/${failed?.id}/retry`, { token: editor, body: {} });
    expect((await retry()).status).toBe(202);
    await mailTo(email, 2);
    expectProblem(await retry(), 'mail-not-failed');

    await vi.waitFor(async () => expect((await send(contact, { token })).json.emailStatus.status).toBe('bounced'), {
      timeout: 30_000,
    });
    const changed = await send(contact, { method: 'PATCH', token, body: { email: `new-${unique()}@x.example` } });
    expect(changed.json.emailStatus).toEqual({ status: 'ok', since: null });
  });

  it('that SES keeps from an address says who can lift that', async () => {
    const company = await signUpVerified();
    const email = `suppressionlist+${unique()}@simulator.amazonses.com`;
    const client = await createClient(company, { name: 'L', contacts: [{ email }], sendWelcomeEmail: true });
    const [bounced] = await logged(company, client.id, 'mail.bounced', 'mail.sent');
    expect(bounced?.detail).toContain('ask the operator');
  });

  it('that is reported as spam marks the contact', async () => {
    const company = await signUpVerified();
    const email = `complaint+${unique()}@simulator.amazonses.com`;
    const client = await createClient(company, { name: 'C', contacts: [{ email }], sendWelcomeEmail: true });
    await logged(company, client.id, 'mail.complained', 'mail.sent');
    const contact = `/v1/clients/${client.id}/contacts/${client.contacts[0].id}`;
    expect((await send(contact, company)).json.emailStatus.status).toBe('complained');
  });

  it('that bounces marks the user with the address, until an admin clears it', async () => {
    const company = await signUpVerified();
    const { token } = company;
    const email = `bounce+${unique()}@simulator.amazonses.com`;
    const { json: user } = await send('/v1/users', { token, body: { email, name: 'Uma', role: 'viewer' } });
    expect(user.emailStatus).toEqual({ status: 'ok', since: null });
    const userPath = `/v1/users/${user.id}`;
    const marked = await vi.waitFor(
      async () => {
        const answer = await send(userPath, { token });
        expect(answer.json.emailStatus.status).toBe('bounced');
        return answer;
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(marked.json.emailStatus.since).toMatch(/Z$/);
    expect(marked.headers.get('etag')).toBe('"2"');
    for (let again = 0; again < 2; again++)
      expect((await send(`${userPath}/suppression`, { method: 'DELETE', token })).status).toBe(204);
    const cleared = (await send(userPath, { token })).json;
    expect([cleared.emailStatus, cleared.version]).toEqual([{ status: 'ok', since: null }, 3]);
  });

  it('of another company cannot be sent again', async () => {
    const [mine, theirs] = [await signUp(), await signUpVerified()];
    const client = await createClient(theirs, {
      name: 'T',
      contacts: [{ email: `bounce+${unique()}@simulator.amazonses.com` }],
      sendWelcomeEmail: true,
    });
    const [entry] = await logged(theirs, client.id, 'mail.bounced', 'mail.sent');
    expectProblem(await send(`/v1/system-logs/${entry?.id}/retry`, { token: mine.token, body: {} }), 'not-found');
  });
});
