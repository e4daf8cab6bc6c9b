import * as z from 'zod';
import { Password } from '../accounts/schema.ts';
import { Contact } from '../clients/schema.ts';

export const ContactPasswordInput = z
  .strictObject({ password: Password.nullable().default(null).describe('Null: a strong one is made.') })
  .meta({ id: 'ContactPasswordInput' });
export type ContactPasswordInput = z.output<typeof ContactPasswordInput>;

export const ContactWithPassword = z
  .object({
    contact: Contact,
    password: z.string().nullable().describe('The one that was made, shown in this answer only.'),
  })
  .meta({ id: 'ContactWithPassword' });
