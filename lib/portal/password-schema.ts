import * as z from 'zod';
import { Password } from '../accounts/schema.ts';
import { Contact } from '../clients/schema.ts';

export const ContactPasswordInput = z
  .strictObject({
    password: Password.nullable().default(null).describe('If it is null, a strong password is generated.'),
  })
  .meta({ id: 'ContactPasswordInput' });
export type ContactPasswordInput = z.output<typeof ContactPasswordInput>;

export const ContactWithPassword = z
  .object({
    contact: Contact,
    password: z
      .string()
      .nullable()
      .describe('The generated password, shown only in this reply; null if the request had one.'),
  })
  .meta({ id: 'ContactWithPassword' });
