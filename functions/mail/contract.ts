import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';
import { ClientId, ContactId, LogId, UserId } from '../../lib/shared/ids.ts';

const Retry = z.object({ logId: LogId, status: z.literal('queued') }).meta({ id: 'MailRetry' });

/** What people do about mail that did not arrive. */
export const mail = contract({
  retryMail: {
    method: 'POST',
    path: '/v1/system-logs/{logId}/retry',
    tag: 'Mail',
    summary: 'Send a failed mail again',
    description:
      'Any entry of the mail in the system log names it. The mail is written anew, of what is known then; how it ends is in the system log.',
    access: { role: 'editor' },
    params: z.strictObject({ logId: LogId }),
    body: z.strictObject({}),
    bodyOptional: true,
    reply: { status: 202, description: 'The mail waits to be sent.', schema: Retry },
    problems: ['not-found', 'mail-not-failed'],
  },
  clearContactSuppression: {
    method: 'DELETE',
    path: '/v1/clients/{clientId}/contacts/{contactId}/suppression',
    tag: 'Mail',
    summary: 'Let mail go to a contact again',
    description:
      'After mail came back, or was complained of, the address gets no more. Nothing changes where mail is not held back. Another address of the contact starts without a mark.',
    access: { role: 'admin', module: 'clients' },
    params: z.strictObject({ clientId: ClientId, contactId: ContactId }),
    reply: { status: 204, description: 'The address gets mail again.' },
    problems: ['not-found', 'write-conflict'],
  },
  clearUserSuppression: {
    method: 'DELETE',
    path: '/v1/users/{userId}/suppression',
    tag: 'Mail',
    summary: 'Let mail go to a user again',
    description: 'Nothing changes where mail is not held back.',
    access: { role: 'admin' },
    params: z.strictObject({ userId: UserId }),
    reply: { status: 204, description: 'The address gets mail again.' },
    problems: ['not-found'],
  },
});
