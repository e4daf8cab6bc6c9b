import type { RateLimiter } from '../rate-limits/rate-limiter.ts';
import type { MailLimits } from '../rate-limits/schema.ts';
import { mailbox } from '../shared/email.ts';
import { Problem } from '../shared/errors.ts';
import { type ContactId, MailId, mintId, type UserId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';

interface AdmissionDeps {
  limiter: RateLimiter;
  limits: MailLimits;
  source: Source;
}

/** Whom a mail goes to. */
interface Addressee {
  address: string;
  id: ContactId | UserId;
}

/** The mailbox that an address is counted for. With most providers, what follows a plus sign reaches the same person. */
const countedMailbox = (address: string) => mailbox(address).replace(/\+[^@]*@/, '@');

const tooMany = (detail: string) => (wait: number) =>
  new Problem('too-many-mails', {
    detail: `${detail} Wait for the number of seconds in Retry-After.`,
    retryAfter: wait,
  });

/**
 * Admits mails to the outbox. Every mail gets its id here, so that none can be queued past these rules. A mail is admitted
 * before the change that causes it is written.
 */
export function mailAdmission({ limiter, limits, source }: AdmissionDeps) {
  const newMailId = () => mintId(MailId, 'mail', source);

  return {
    /**
     * Admits a mail that a caller requests, and returns its id. Three calls, the mailbox last: a company beyond its own
     * limits uses up nobody's mailbox.
     * @throws Problem `email-not-verified`, `too-many-mails`
     */
    async admit({ companyId, mayMailOthers }: Principal, { address, id }: Addressee): Promise<MailId> {
      if (!mayMailOthers) throw new Problem('email-not-verified');
      await limiter.take('company', companyId, limits.company, tooMany('The company has sent too many mails.'));
      await limiter.take('recipient', id, limits.contact, tooMany('This person was sent too many mails.'));
      await limiter.take(
        'mailbox',
        countedMailbox(address),
        limits.mailbox,
        tooMany('This address was sent too many mails.'),
      );
      return newMailId();
    },

    /**
     * Admits a mail that anybody can request for an address that they claim, and returns its id. One call. It counts the
     * same whether the mail will be sent or not, so that the answer tells nothing. It counts apart from the mails that
     * companies request, so that strangers do not use up what a company may send, nor a company what a person may ask for.
     * @throws Problem `too-many-mails`
     */
    async admitFromAnybody(address: string): Promise<MailId> {
      const refusal = tooMany('Too many mails were requested for this address.');
      await limiter.take('claimed-mailbox', countedMailbox(address), limits.mailbox, refusal);
      return newMailId();
    },
  };
}

export type MailAdmission = ReturnType<typeof mailAdmission>;
export type AdmitMail = MailAdmission['admit'];
