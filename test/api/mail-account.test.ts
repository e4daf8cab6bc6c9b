import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import * as z from 'zod';
import { createClient, signUpVerified } from '../support/api/client.ts';
import { type OwnStack, ownStack } from '../support/api/own-stack.ts';

const Warning = z.object({ mailId: z.string(), reason: z.string() });

/** What the emitted log lines of a function say, as far as they are JSON. */
function linesOf(file: string): Record<string, unknown>[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
}

describe.skipIf(!inject('apiIsLocal'))('the SES account (own local stack: the test changes its state)', () => {
  let own: OwnStack;
  beforeAll(async () => {
    own = await ownStack();
  });
  afterAll(() => own?.stop());

  const setAccount = (account: object) =>
    fetch(`${own.stack.url}/_local/mail/account`, { method: 'PUT', body: JSON.stringify(account) });
  const senderLog = () => {
    const sender = own.stack.model.functions.find(
      ({ environment }) => environment.POWERTOOLS_SERVICE_NAME === 'mail-sender',
    );
    return linesOf(own.stack.data.file('logs', `${sender?.name}.log`));
  };
  /** Delivers the message of a mail to its worker now, as the queue does when its time has come. */
  const deliver = (company: string, mailId: string) =>
    fetch(`${own.stack.url}/_local/functions/mail-sender`, {
      method: 'POST',
      body: JSON.stringify({
        Records: [
          {
            messageId: mailId,
            receiptHandle: 'none',
            body: JSON.stringify({ kind: 'queued-mail', company, mailId }),
            attributes: { ApproximateReceiveCount: '2', SentTimestamp: '0' },
          },
        ],
      }),
    });

  it.each([
    ['in the sandbox, to a recipient that is not verified', { sandbox: true }],
    ['with a sender whose domain is not verified', { identities: [] }],
  ])('a mail %s waits, raises the alarm, and goes out once the account is set up', async (_what, account) => {
    const company = await signUpVerified();
    const before = senderLog().length;
    await setAccount(account);
    const email = `ada-${crypto.randomUUID().slice(0, 8)}@harbour.example`;
    await createClient(company, { name: 'A', contacts: [{ email }], sendWelcomeEmail: true });
    const { mailId } = await vi.waitFor(
      () => {
        const lines = senderLog().slice(before);
        expect(lines).toContainEqual(expect.objectContaining({ service: 'mail-sender', SendingImpossible: 1 }));
        return Warning.parse(lines.find(({ reason }) => reason === 'IdentityNotVerified'));
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(JSON.stringify(senderLog().slice(before))).not.toContain(email);
    expect(own.stack.mail.list(email)).toEqual([]);

    await setAccount({});
    await vi.waitFor(
      async () => {
        await deliver(company.id, mailId);
        expect(own.stack.mail.list(email)).toHaveLength(1);
      },
      { timeout: 30_000, interval: 100 },
    );
  });

  it('in the sandbox, mail goes to a verified recipient and to the mailbox simulator', async () => {
    const company = await signUpVerified();
    const domain = `d${crypto.randomUUID().slice(0, 8)}.example`;
    await setAccount({ sandbox: true, identities: [...own.stack.mail.identities(), domain] });
    const emails = [`ada@${domain}`, `success+${domain}@simulator.amazonses.com`];
    for (const email of emails)
      await createClient(company, { name: 'A', contacts: [{ email }], sendWelcomeEmail: true });
    for (const email of emails)
      await vi.waitFor(() => expect(own.stack.mail.list(email)).toHaveLength(1), { timeout: 30_000, interval: 100 });
    expect(own.stack.calls.list().filter(({ service, allowed }) => service === 'ses' && !allowed)).toEqual([]);
    await setAccount({});
  });
});
