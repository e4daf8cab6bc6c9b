import * as z from 'zod';
import { Address } from '../shared/address.ts';
import { EmailAddress } from '../shared/email.ts';
import { identifier, line } from '../shared/text.ts';
import { Website } from '../shared/website.ts';

/** How the company presents itself on what it sends. All are null until the company sets them. */
export const Letterhead = z
  .strictObject({
    legalName: line(200)
      .nullable()
      .default(null)
      .describe('The registered name of the company. If it is null, the name of the company stands in its place.')
      .meta({ examples: ['Northwind Studio Ltd'] }),
    address: Address.nullable().default(null).describe('The postal address of the company.'),
    vatNumber: identifier(50)
      .nullable()
      .default(null)
      .describe('The VAT number of the company, as it is to be printed.')
      .meta({ examples: ['GB123456789'] }),
    phone: line(40)
      .nullable()
      .default(null)
      .describe('The phone number of the company, as it is to be printed.')
      .meta({ examples: ['+44 20 7946 0000'] }),
    email: EmailAddress.nullable()
      .default(null)
      .describe('The address for inquiries, as it is to be printed. Replies to mails go to `sender.replyTo`.'),
    website: Website.nullable().default(null).describe('The website of the company.'),
  })
  .describe('Stands at the foot of mails to contacts. Mails to users of the company do not have it.')
  .meta({ id: 'Letterhead' });
export type Letterhead = z.output<typeof Letterhead>;

/** The letterhead of a company that has set nothing. */
export const EMPTY_LETTERHEAD: Letterhead = {
  legalName: null,
  address: null,
  vatNumber: null,
  phone: null,
  email: null,
  website: null,
};
