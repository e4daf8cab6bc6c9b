import * as z from 'zod';
import { Password } from '../accounts/schema.ts';

/** How a new contact gets access to the portal, in the request that creates it. */
export const AccountInput = z
  .union([
    z.strictObject({ password: Password }),
    z.strictObject({ generate: z.literal(true).describe('Generates a strong password, which the reply shows once.') }),
    z.strictObject({ invite: z.literal(true).describe('Mails an invitation, whose link sets the password.') }),
  ])
  .describe(
    'Gives the contact access to the portal: with this password, with a generated one, or with an invitation. With a password, the contact is told by mail, without the password, if it has an e-mail address.',
  )
  .meta({ id: 'AccountInput' });
export type AccountInput = z.output<typeof AccountInput>;

/** Whether the contact in this body gets a password, so that the body or the reply has a credential. */
export function setsPassword(contact: unknown): boolean {
  const account: unknown = Object(contact).account;
  return typeof account === 'object' && account !== null && !('invite' in account);
}

/** The same of a new client: whether one of its contacts gets a password. */
export function setsPasswords(client: unknown): boolean {
  const contacts: unknown = Object(client).contacts;
  return Array.isArray(contacts) && contacts.some(setsPassword);
}
