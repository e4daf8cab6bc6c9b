import type { ClientId, CompanyId, MailId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Write } from '../table/table.ts';
import type { MailRepository } from './repository.ts';
import type { MailFailure, StoredMail } from './schema.ts';

/** A mail as it goes out. */
export interface Letter {
  raw: Uint8Array;
  from: string;
  to: string;
}

/** What a mail comes to: the letter with the writes that make its link good, or why there is none. */
export type Written =
  | { letter: Letter; writes: readonly Write[]; client: ClientId | null }
  | { failure: MailFailure; client: ClientId | null };

/** What became of a call to the mail service; `lib/platform/ses.ts` says what each means. */
export type Answer =
  | { kind: 'taken'; messageId: string }
  | { kind: 'refused'; reason: string }
  | { kind: 'not-now'; reason: string; account: boolean }
  | { kind: 'unknown'; reason: string };

interface SenderDeps {
  mails: Pick<MailRepository, 'mail' | 'move'>;
  /** Writes the mail of what is known at this moment. */
  write: (mail: StoredMail, now: Date) => Promise<Written>;
  send: (letter: Letter & { tags: Record<string, string> }) => Promise<Answer>;
  source: Source;
  /** Hears of each answer that is no yes. Ids and names of errors only. */
  report: (what: {
    mailId: MailId;
    answer: Exclude<Answer['kind'], 'taken'>;
    reason: string;
    account: boolean;
  }) => void;
  /**
   * How long nobody else takes a mail that was handed to SES without an answer: longer than SES's own event takes, which
   * says in its place whether it went out.
   */
  leaseMs: number;
}

/** What a message of the queue is to do next: nothing, or to come again. */
type Next = { againIn: number } | undefined;

/** How long a mail is tried that SES has no room for. */
const TRIED_MS = 24 * 3600_000;
const SHORTEST_WAIT = 60;
const LONGEST_WAIT = 3 * 3600;

/**
 * Seconds until the next try of a mail that has waited so long: as long again, between a minute and three hours, give or take
 * a tenth, so that those that were turned away together do not come together.
 */
export function waitFor(ageMs: number, chance: number): number {
  const wait = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, ageMs / 1000));
  return Math.round(wait * (0.9 + chance * 0.2));
}

export const whatFailed: Readonly<Record<MailFailure, string>> = {
  'no-recipient': 'Whom it was for is gone or has no e-mail address.',
  superseded: 'A newer mail took its place, or what it was about is over.',
  suppressed: 'Earlier mail to the address came back or was complained of. Clear the address before sending again.',
  'unsupported-address': 'The mail service knows ASCII only before the @ of an address.',
  refused: 'The mail service refused it.',
  'gave-up': 'The mail service did not take it for a whole day.',
};

/**
 * Sends the mails of the outbox. A mail is claimed by a conditional write before SES is asked, so of any number of workers
 * and repeated messages one asks. Whoever dies between SES's yes and its own note of it leaves the mail claimed: SES's event
 * marks it as sent, and only where none comes until the claim is over is it sent again.
 */
export function mailSender({ mails, write, send, source, report, leaseMs }: SenderDeps) {
  const chance = () => Buffer.from(source.random(4)).readUInt32BE() / 2 ** 32;

  async function fail(mail: StoredMail, failure: MailFailure, client: ClientId | null, reason?: string): Promise<Next> {
    const now = source.now();
    const detail = `${titleOf(mail)}: ${whatFailed[failure]}${reason ? ` (${reason})` : ''}`;
    const trace = { event: 'mail.failed', outcome: 'failure', detail, at: now, client } as const;
    const moved = await mails.move(mail, { status: 'failed', failure, leaseUntil: null }, { trace });
    return moved ? undefined : soon;
  }

  /** The claim stands; from here on SES is asked once. */
  async function handOver(mail: StoredMail, letter: Letter, client: ClientId | null): Promise<Next> {
    const answer = await send({ ...letter, tags: { mailId: mail.mailId, company: mail.companyId } });
    const now = source.now();
    if (answer.kind === 'taken') {
      // Where SES's event was quicker, it has noted the same.
      await mails.move(mail, sentAs(answer.messageId, now), { trace: traceOfSent(mail, now, client) });
      return undefined;
    }
    const { kind, reason } = answer;
    report({ mailId: mail.mailId, answer: kind, reason, account: kind === 'not-now' && answer.account });
    if (kind === 'refused') return fail(mail, 'refused', client, reason);
    if (kind === 'unknown') return until(mail.leaseUntil, now);
    const age = now.getTime() - Date.parse(mail.queuedAt);
    if (age >= TRIED_MS) return fail(mail, 'gave-up', client, reason);
    const moved = await mails.move(mail, { status: 'deferred', leaseUntil: null });
    return moved ? { againIn: waitFor(age, chance()) } : soon;
  }

  return {
    /** Does what is to be done for a mail now. Seven calls to the table where it is sent. May be called any number of times. */
    async deliver(company: CompanyId, id: MailId): Promise<Next> {
      const mail = await mails.mail(company, id);
      if (!mail || mail.status === 'sent' || mail.status === 'failed') return undefined;
      const now = source.now();
      if (mail.status === 'sending' && mail.leaseUntil !== null && mail.leaseUntil > now.toISOString())
        return until(mail.leaseUntil, now);
      const written = await write(mail, now);
      if ('failure' in written) return fail(mail, written.failure, written.client);
      const leaseUntil = new Date(now.getTime() + leaseMs).toISOString();
      const claim = { status: 'sending', leaseUntil, attempts: mail.attempts + 1 } as const;
      const claimed = await mails.move(mail, claim, { writes: written.writes });
      return claimed ? handOver(claimed, written.letter, written.client) : soon;
    },
  };
}

export type MailSender = ReturnType<typeof mailSender>;

/** Somebody else has just moved the mail: look again in a moment. */
const soon = { againIn: 1 };

function until(time: string | null, now: Date): Next {
  const seconds = time === null ? 0 : (Date.parse(time) - now.getTime()) / 1000;
  return { againIn: Math.max(1, Math.ceil(seconds)) };
}

/** What a mail is once SES has taken it. */
export function sentAs(messageId: string, at: Date): Partial<StoredMail> {
  return { status: 'sent', messageId, sentAt: at.toISOString(), leaseUntil: null, failure: null };
}

export function traceOfSent(mail: StoredMail, at: Date, client: ClientId | null) {
  return { event: 'mail.sent', outcome: 'success', detail: `${titleOf(mail)} was sent.`, at, client } as const;
}

const titles: Readonly<Record<StoredMail['kind'], string>> = {
  invitation: 'The invitation to the portal',
  registration: 'The mail about the registration',
  'password-reset': 'The mail for a new password',
  'user-invitation': 'The invitation to the staff',
  'user-password-reset': 'The mail for a new password',
  'template-test': 'The test of a template',
};

export function titleOf({ kind }: Pick<StoredMail, 'kind'>): string {
  return titles[kind];
}
