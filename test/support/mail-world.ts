import { randomUUID } from 'node:crypto';
import type { SesAnswer, SesSender } from '../../lib/aws/ses.ts';
import { sesEventHandler } from '../../lib/mail/events.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import type { StoredMail } from '../../lib/mail/schema.ts';
import { type Composition, mailSender } from '../../lib/mail/sender.ts';
import { type ClientId, type CompanyId, MailId, mintId } from '../../lib/shared/ids.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { transact } from '../../lib/table/transaction.ts';
import { type FaultyCall, killedAt } from './killed.ts';
import { newCompanyId, type TestSource, testSource } from './table.ts';

export const LEASE_MS = 15 * 60_000;

/** A company with an outbox and workers, and a fake SES that records the mails that it accepts. */
export function mailWorld(table: Table, source: TestSource = testSource()) {
  const company: CompanyId = newCompanyId(source);
  const mails = mailRepository(table, systemLog(table).entry);
  /** The mails that SES accepted. */
  const acceptedMails: { mailId: string; messageId: string }[] = [];
  const reports: string[] = [];
  let answers: (SesAnswer['kind'] | 'lost')[] = [];

  const message = { raw: new Uint8Array([1]), from: 'a@b.example', to: 'c@d.example' };
  const compose = async (): Promise<Composition> => ({ message, writes: [], client: null });

  async function send(mailId: string): Promise<SesAnswer> {
    const kind = answers.shift() ?? 'taken';
    if (kind === 'refused') return { kind, reason: 'MessageRejected' };
    if (kind === 'not-now') return { kind, reason: 'TooManyRequestsException', account: false };
    if (kind === 'unknown') return { kind, reason: 'TimeoutError' };
    const messageId = randomUUID();
    acceptedMails.push({ mailId, messageId });
    return kind === 'lost' ? { kind: 'unknown', reason: 'TimeoutError' } : { kind: 'taken', messageId };
  }

  /** A new worker. With `at`, it is killed at that call. */
  function worker(
    at: FaultyCall = { call: Number.POSITIVE_INFINITY, when: 'before' },
    composeMail: () => Promise<Composition> = compose,
    service?: SesSender,
  ) {
    const wrap = killedAt(at);
    return mailSender({
      mails: { getMail: wrap(mails.getMail), update: wrap(mails.update) },
      compose: wrap(composeMail),
      send: wrap((mail) => (service ? service.send(mail) : send(mail.tags.mailId ?? ''))),
      source,
      report: ({ answer }) => reports.push(answer),
      leaseMs: LEASE_MS,
    });
  }

  const handleEvent = sesEventHandler({
    mails,
    setEmailStatus: async (_company, mailbox, { reason }) => void reports.push(`${reason} ${mailbox}`),
    findClient: async ({ clientId }: StoredMail): Promise<ClientId | null> => clientId,
    report: (problem) => reports.push(problem),
  });

  const eventOf = (eventType: string, { mailId, messageId }: { mailId: string; messageId: string }) => {
    const timestamp = source.now().toISOString();
    const recipients = [{ emailAddress: 'C@d.example' }];
    return {
      id: randomUUID(),
      'detail-type': eventType,
      detail: {
        eventType,
        mail: { messageId, timestamp, destination: ['c@d.example'], tags: { mailId: [mailId], company: [company] } },
        ...(eventType === 'Bounce' && {
          bounce: { bounceType: 'Permanent', bounceSubType: 'General', bouncedRecipients: recipients, timestamp },
        }),
        ...(eventType === 'Transient' && {
          eventType: 'Bounce',
          bounce: { bounceType: 'Transient', bounceSubType: 'MailboxFull', bouncedRecipients: recipients, timestamp },
        }),
        ...(eventType === 'Complaint' && { complaint: { complainedRecipients: recipients, timestamp } }),
        ...(eventType === 'Delivery' && { delivery: { timestamp } }),
      },
    };
  };

  return {
    company,
    source,
    mails,
    acceptedMails,
    reports,
    worker,
    compose,
    handleEvent,
    eventOf,
    /** SES's next answers; after them it accepts every mail. */
    answerWith: (...next: typeof answers) => {
      answers = next;
    },
    later: (milliseconds: number) => {
      source.at = new Date(source.at.getTime() + milliseconds);
    },
    /** Puts a mail into the outbox. */
    async enqueue(): Promise<MailId> {
      const mailId = mintId(MailId, 'mail', source);
      const mail = { mailId, kind: 'user-invitation', clientId: null, contactId: null, userId: null } as const;
      const at = source.now().toISOString();
      await transact(table, [mailOutbox(table.name).enqueue(company, { ...mail, requestedBy: null, at })]);
      return mailId;
    },
    async log(): Promise<unknown[]> {
      const items = await queryAll(table, ranges.systemLogs(company, null));
      return items.map(({ event }) => event);
    },
  };
}
