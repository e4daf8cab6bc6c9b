import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';
import { ClientId, ContactId, LogId, UserId } from '../../lib/shared/ids.ts';

const Retry = z
  .object({ logId: LogId, status: z.literal('queued').describe('The mail will be sent.') })
  .meta({ id: 'MailRetry' });

/** How users deal with mail that was not delivered. */
export const mail = contract({
  retryMail: {
    method: 'POST',
    path: '/v1/system-logs/{logId}/retry',
    tag: 'Mail',
    summary: 'Send a failed mail again',
    description:
      '`logId` can be any log entry about the mail. The mail is composed again from the current data. The system log then shows the result.',
    access: { role: 'editor', module: 'clients' },
    params: z.strictObject({ logId: LogId }),
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 202, description: 'The mail is queued.', schema: Retry },
    problems: ['not-found', 'mail-not-failed', 'email-not-verified', 'too-many-mails'],
  },
  clearContactSuppression: {
    method: 'DELETE',
    path: '/v1/clients/{clientId}/contacts/{contactId}/suppression',
    tag: 'Mail',
    summary: 'Allow mail to a contact again',
    description:
      'After a bounce or a complaint, no more mail is sent to the address of the contact. This lifts the suppression. It changes nothing if there is none.',
    access: { role: 'admin', module: 'clients' },
    params: z.strictObject({ clientId: ClientId, contactId: ContactId }),
    reply: { status: 204, description: 'Mail is sent to the address again.' },
    problems: ['not-found', 'write-conflict'],
  },
  clearUserSuppression: {
    method: 'DELETE',
    path: '/v1/users/{userId}/suppression',
    tag: 'Mail',
    summary: 'Allow mail to a user again',
    description:
      'After a bounce or a complaint, no more mail is sent to the address of the user. This lifts the suppression. It changes nothing if there is none.',
    access: { role: 'admin' },
    params: z.strictObject({ userId: UserId }),
    reply: { status: 204, description: 'Mail is sent to the address again.' },
    problems: ['not-found'],
  },
});
