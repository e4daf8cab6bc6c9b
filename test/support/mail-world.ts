import { randomUUID } from 'node:crypto';
import type { SesSender } from '../../lib/aws/ses.ts';
import { mailEvents } from '../../lib/mail/events.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import type { StoredMail } from '../../lib/mail/schema.ts';
import { type Answer, mailSender, type Written } from '../../lib/mail/sender.ts';
import { type ClientId, type CompanyId, MailId, mintId } from '../../lib/shared/ids.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll, type Table, transact } from '../../lib/table/table.ts';
import { newCompanyId, type TestSource, testSource } from './table.ts';

export const LEASE_MS = 15 * 60_000;

/** The worker was killed: nothing after this is done, and nobody hears of it. */
export const killed = new Error('killed');

/** Counts the calls of one worker, and kills it before or after one of them. */
export interface Death {
  call: number;
  when: 'before' | 'after';
}

/** A company with an outbox, workers on it, and a mail service that keeps what it took. */
export function mailWorld(table: Table, source: TestSource = testSource()) {
  const company: CompanyId = newCompanyId(source);
  const mails = mailRepository(table, systemLog(table).entry, source);
  /** What SES took, with the events of it that it has not told yet. */
  const taken: { mailId: string; messageId: string }[] = [];
  const reports: string[] = [];
  let answers: (Answer['kind'] | 'lost')[] = [];

  const letter = { raw: new Uint8Array([1]), from: 'a@b.example', to: 'c@d.example' };
  const write = async (): Promise<Written> => ({ letter, writes: [], client: null });

  async function send(mailId: string): Promise<Answer> {
    const kind = answers.shift() ?? 'taken';
    if (kind === 'refused') return { kind, reason: 'MessageRejected' };
    if (kind === 'not-now') return { kind, reason: 'TooManyRequestsException', account: false };
    if (kind === 'unknown') return { kind, reason: 'TimeoutError' };
    const messageId = randomUUID();
    taken.push({ mailId, messageId });
    return kind === 'lost' ? { kind: 'unknown', reason: 'TimeoutError' } : { kind: 'taken', messageId };
  }

  /** A worker of its own, that may be killed at one of its calls. */
  function worker(death?: Death, written: () => Promise<Written> = write, service?: SesSender) {
    let calls = 0;
    const mortal =
      <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const call = ++calls;
        if (death?.call === call && death.when === 'before') throw killed;
        const result = await run(...args);
        if (death?.call === call) throw killed;
        return result;
      };
    return mailSender({
      mails: { mail: mortal(mails.mail), move: mortal(mails.move) },
      write: mortal(written),
      send: mortal((mail) => (service ? service.send(mail) : send(mail.tags.mailId ?? ''))),
      source,
      report: ({ answer }) => reports.push(answer),
      leaseMs: LEASE_MS,
    });
  }

  const takeUp = mailEvents({
    mails,
    mark: async (_company, box, { reason }) => void reports.push(`${reason} ${box}`),
    clientOf: async ({ clientId }: StoredMail): Promise<ClientId | null> => clientId,
    report: (what) => reports.push(what),
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
    taken,
    reports,
    worker,
    write,
    takeUp,
    eventOf,
    /** What SES answers next, one after the other; a yes from then on. */
    answering: (...next: typeof answers) => {
      answers = next;
    },
    later: (milliseconds: number) => {
      source.at = new Date(source.at.getTime() + milliseconds);
    },
    async intended(): Promise<MailId> {
      const mailId = mintId(MailId, 'mail', source);
      const intention = { mailId, kind: 'user-invitation', clientId: null, contactId: null, userId: null } as const;
      const at = source.now().toISOString();
      await transact(table, [mailOutbox(table.name).intend(company, { ...intention, requestedBy: null, at })]);
      return mailId;
    },
    async log(): Promise<unknown[]> {
      const items = await queryAll(table, ranges.systemLogs(company, null));
      return items.map(({ event }) => event);
    },
  };
}
