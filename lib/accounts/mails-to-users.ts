import { mailOutbox } from '../mail/outbox.ts';
import type { CompanyId, MailId, UserId } from '../shared/ids.ts';
import type { AwaitedMail } from '../shared/principal.ts';
import type { Write } from '../table/transaction.ts';

/** An admitted mail, and when it was requested. */
interface AdmittedMail {
  mailId: MailId;
  at: string;
}

/** The writes that queue mails to users, for the transactions of what the mails are about. */
export function mailsToUsers(tableName: string) {
  const outbox = mailOutbox(tableName);

  /** A mail that nobody of the company requested. */
  const unrequested =
    (kind: 'user-password-reset' | 'user-email-verification') =>
    (company: CompanyId, userId: UserId, { mailId, at }: AdmittedMail): Write =>
      outbox.enqueue(company, { mailId, kind, clientId: null, contactId: null, userId, requestedBy: null, at });

  return {
    /** The write that queues the mail of an invitation, for the transaction that stores the invitation. */
    invitationMail: (company: CompanyId, userId: UserId, { mailId, at, by }: AwaitedMail): Write =>
      outbox.enqueue(company, {
        mailId,
        kind: 'user-invitation',
        clientId: null,
        contactId: null,
        userId,
        requestedBy: by,
        at,
      }),

    /** The write that queues the mail with the link that verifies the address of an owner. */
    verificationMail: unrequested('user-email-verification'),

    /** The write that queues the mail with the link that sets a new password. */
    resetMail: unrequested('user-password-reset'),
  };
}
