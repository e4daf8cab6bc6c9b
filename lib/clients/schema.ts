import * as z from 'zod';
import { ClientNumber } from '../numbers/schema.ts';
import { InvoiceDelivery, LevelSettings, PortalPermissions } from '../settings/schema.ts';
import { Address } from '../shared/address.ts';
import { EmailAddress, EmailStatus, REACHABLE } from '../shared/email.ts';
import type { FaultCode } from '../shared/faults.ts';
import { ClientId, ContactId, GroupId, PricingId, UserId } from '../shared/ids.ts';
import { Currency, Language } from '../shared/locale.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { AwaitedMail } from '../shared/principal.ts';
import { addFault } from '../shared/rules.ts';
import { foldForComparison, Instant, identifier, line, text, word } from '../shared/text.ts';
import { Website } from '../shared/website.ts';
import type { Entity } from '../table/entity.ts';
import { AccountInput } from './account-schema.ts';

export const ClientStatus = z
  .enum(['active', 'inactive', 'fraud'])
  .describe('`inactive` and `fraud` keep everything, but close the portal for the contacts.');

const E164 = z
  .string()
  .regex(/^\+[1-9]\d{1,14}$/, 'must be a number in E.164')
  .nullable()
  .meta({ examples: ['+442079460001'] });

export const Phone = z
  .strictObject({
    kind: z.enum(['phone', 'fax']).describe('Whether it is a telephone or a fax.'),
    location: z.enum(['home', 'work', 'mobile']).default('work').describe('Where the telephone is.'),
    number: line(40)
      .describe(
        'As given. An extension at its end, such as `ext 12`, `x12`, `#12` or `Durchwahl 12`, becomes the `extension`, unless that is given.',
      )
      .meta({ examples: ['+44 20 7946 0001'] }),
    extension: line(20).nullable().default(null).describe('The extension; null if there is none.'),
    e164: E164.default(null).describe(
      'Read-only. The number in E.164, or null if it is no valid phone number. A value in a request is ignored.',
    ),
  })
  .meta({ id: 'Phone', description: 'A telephone or fax number.' });
export type Phone = z.output<typeof Phone>;

/**
 * A number within the range of DynamoDB, which keeps no absolute value below 1e-130: whole numbers are exact, tiny ones
 * become 0.
 */
const CustomNumber = z
  .number()
  .min(Number.MIN_SAFE_INTEGER)
  .max(Number.MAX_SAFE_INTEGER)
  .overwrite((value) => (Math.abs(value) < 1e-100 ? 0 : value));

const CustomValue = z
  .union([z.boolean(), CustomNumber, line(500)])
  .describe('The value, of the kind that the settings of the company define for this field.');

export const CustomFields = z
  .strictObject({ custom1: CustomValue, custom2: CustomValue, custom3: CustomValue, custom4: CustomValue })
  .partial()
  .meta({
    id: 'CustomFields',
    description: 'The values of the custom fields that the settings of the company define.',
    examples: [{ custom1: 'gold' }],
  });

export const MetadataKey = z
  .string()
  .regex(
    /^(?!(?:constructor|prototype)$)[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/,
    'must be 1 to 64 letters, digits and _.:-, beginning with a letter or digit',
  );

/** A flat map of strings, for integrations. */
const Metadata = z
  .record(MetadataKey, text(500))
  .refine((entries) => Object.keys(entries).length <= 50, {
    error: 'must have 50 entries at most',
    params: { code: 'too-many' satisfies FaultCode },
  })
  .meta({ description: 'A flat map of texts, for integrations: 50 entries at most.', examples: [{ crm: '42' }] });

/** Tags that differ in case only, or in what nobody sees, are one tag. The first spelling stays. */
export function withoutDuplicates(tags: readonly string[]): string[] {
  const firsts = new Map<string, string>();
  for (const tag of tags) {
    const folded = foldForComparison(tag);
    if (!firsts.has(folded)) firsts.set(folded, tag);
  }
  return [...firsts.values()];
}

export const Tags = z
  .array(line(50))
  .max(50, { abort: true })
  .overwrite(withoutDuplicates)
  .meta({ description: 'Tags. Those that differ in case only are one.', examples: [['studio']] });

/** Consent to marketing: when and how it was given or withdrawn. */
const MarketingOptIn = z
  .strictObject({
    granted: z.boolean().describe('Whether consent is given.'),
    at: Instant.describe('When it was given or withdrawn.'),
    how: line(200).describe('How it was given or withdrawn.'),
  })
  .meta({ id: 'MarketingOptIn', description: 'Consent to marketing; null if it was never asked for.' });

const MarketingOptInInput = z
  .union([
    z.boolean(),
    z.strictObject({
      granted: MarketingOptIn.shape.granted,
      at: MarketingOptIn.shape.at.optional(),
      how: MarketingOptIn.shape.how.optional(),
    }),
  ])
  .describe('Consent to marketing: whether it is given, or also when and how. Without a time it is the present one.');

export const ClientType = z.enum(['person', 'company']);

/** The fields of a client that requests, answers and items share. */
const plain = {
  type: ClientType.default('company').describe('Whether the client is a person or a company.'),
  name: line(200)
    .nullable()
    .default(null)
    .meta({
      description: 'The name. A client without a name has a contact with a name or an e-mail address.',
      examples: ['Northwind Studio'],
    }),
  number: ClientNumber.nullable()
    .default(null)
    .describe('The client number, unique in the company. If it is left out, the next number of the pattern is used.')
    .meta({ examples: ['0001'] }),
  idNumber: identifier(100)
    .nullable()
    .default(null)
    .describe('The number of the client in another system, unique in the company.')
    .meta({ examples: ['NW-7'] }),
  vatNumber: identifier(50)
    .nullable()
    .default(null)
    .meta({ description: 'The VAT number. One that looks wrong is stored with a warning.', examples: ['GB123456789'] }),
  taxExempt: z.boolean().default(false).describe('Whether invoices to the client have no tax.'),
  website: Website.nullable().default(null).describe('The web address. Without a scheme it becomes https.'),
  industry: line(100).nullable().default(null).describe('The industry, in any words.'),
  size: line(50).nullable().default(null).describe('The size, in any words, such as `10-50`.'),
  publicNotes: text(10_000).default('').describe('Notes that the client may see.'),
  privateNotes: text(10_000).default('').describe('Notes for staff. They are never shown in the portal.'),
  status: ClientStatus.default('active'),
  groupId: GroupId.nullable()
    .default(null)
    .describe('The group of the client. If it is left out or null, the client is in the group General.'),
  pricingId: PricingId.nullable().default(null).describe('The pricing of the client; null if it has none.'),
  invoiceDelivery: InvoiceDelivery.nullable()
    .default(null)
    .describe('How invoices are delivered. Null uses the setting of the group or the company.'),
  phones: z.array(Phone).max(50, { abort: true }).default([]).describe('Telephone and fax numbers of the client.'),
  billingAddress: Address.nullable().default(null).describe('Where invoices go.'),
  customFields: CustomFields.default({}),
  settings: LevelSettings.default({}).describe(
    'The settings of this client. A setting that is left out comes from the group or the company.',
  ),
  portalPermissions: PortalPermissions.default({}),
  tags: Tags.default([]),
  metadata: Metadata.default({}),
};

const ShippingAddressInput = z
  .union([z.literal('copy-billing'), Address])
  .nullable()
  .describe('Where goods go. `copy-billing` copies the billing address.');

const contactPlain = {
  firstName: line(100)
    .nullable()
    .default(null)
    .meta({ description: 'The first name.', examples: ['Ada'] }),
  lastName: line(100)
    .nullable()
    .default(null)
    .meta({ description: 'The last name.', examples: ['Byron'] }),
  title: line(100).nullable().default(null).describe('The position or form of address.'),
  email: EmailAddress.nullable()
    .default(null)
    .describe('The e-mail address. Within a company, only one contact has it.'),
  phone: line(40)
    .nullable()
    .default(null)
    .meta({ description: 'The phone number as it was given.', examples: ['+44 20 7946 0000'] }),
  language: Language.nullable()
    .default(null)
    .describe('The language of mails to the contact; null for the language of the client.'),
  receives: z
    .array(z.enum(['invoices', 'reminders', 'statements']))
    .max(3, { abort: true })
    .overwrite((kinds) => [...new Set(kinds)])
    .default(['invoices', 'reminders', 'statements'])
    .describe('Which mails the contact gets.'),
  username: word(100)
    .nullable()
    .default(null)
    .describe('The name for the sign-in to the portal. If it is null, the contact signs in with its e-mail address.')
    .meta({ examples: ['ada.byron'] }),
  customFields: CustomFields.default({}),
};

function nameOrEmail(
  { firstName, lastName, email }: { firstName: string | null; lastName: string | null; email: string | null },
  context: z.RefinementCtx,
): void {
  if (!firstName && !lastName && !email)
    addFault(context, {
      code: 'required',
      message: 'A contact needs a name or an e-mail address.',
      dependsOn: ['firstName', 'lastName', 'email'],
    });
}

export const ContactInput = z
  .strictObject({
    ...contactPlain,
    isPrimary: z.boolean().optional().describe('Whether it becomes the primary contact.'),
    account: AccountInput.optional(),
  })
  .superRefine(nameOrEmail)
  .meta({ id: 'ContactInput' });
export type ContactInput = z.output<typeof ContactInput>;

const contactChange = z.strictObject({
  ...contactPlain,
  isPrimary: z.boolean().describe('True makes it the primary contact.'),
});

/** The fields of a contact after a patch was applied. */
export const ContactChange = contactChange.superRefine(nameOrEmail);
export type ContactChange = z.output<typeof ContactChange>;

export const ContactPatch = mergePatchOf(contactChange).meta({
  id: 'ContactPatch',
  description: 'JSON merge patch (RFC 7396). A field that is left out stays as it is, and null clears it.',
});
export type ContactPatch = z.output<typeof ContactPatch>;

/**
 * The most contacts of a new client; more are added one by one. A contact takes three of the 100 writes of a
 * transaction.
 */
const MAX_CONTACTS_AT_ONCE = 30;
/** The most, if one of them gets access to the portal, which takes two writes more. */
const MAX_CONTACTS_WITH_ACCOUNTS = 18;
/** The most contacts of a client: they are read with every profile, in one Query. */
export const MAX_CONTACTS = 200;
/** The most users linked to a client: their ids are stored in the client. */
export const MAX_LINKED_USERS = 100;

export const ClientInput = z
  .strictObject({
    ...plain,
    shippingAddress: ShippingAddressInput.default(null),
    marketingOptIn: MarketingOptInInput.nullable().default(null),
    contacts: z
      .array(ContactInput)
      .max(MAX_CONTACTS_AT_ONCE, { abort: true })
      .default([])
      .describe('The contacts. Without `isPrimary`, the first one is the primary contact.'),
    sendWelcomeEmail: z
      .boolean()
      .default(false)
      .describe('Whether to mail the primary contact an invitation to the portal.'),
  })
  .superRefine(({ name, contacts }, context) => {
    if (name === null && contacts.length === 0)
      addFault(context, {
        path: ['name'],
        code: 'required',
        message: 'A client needs a name, or a contact with a name or an e-mail address.',
        dependsOn: ['contacts'],
      });
    if (contacts.length > MAX_CONTACTS_WITH_ACCOUNTS && contacts.some(({ account }) => account))
      addFault(context, {
        path: ['contacts'],
        code: 'too-many',
        message: `At most ${MAX_CONTACTS_WITH_ACCOUNTS} contacts at once if one of them gets an account. Add others one by one.`,
      });
    contacts.forEach(({ isPrimary }, index) => {
      if (isPrimary && contacts.findIndex((contact) => contact.isPrimary) < index)
        addFault(context, {
          path: ['contacts', index, 'isPrimary'],
          code: 'duplicate',
          message: 'Only one contact is the primary one.',
        });
    });
  })
  .meta({ id: 'ClientInput' });
export type ClientInput = z.output<typeof ClientInput>;

/** The fields of a client after a patch was applied. Contacts are not among them: they have routes of their own. */
export const ClientChange = z.strictObject({
  ...plain,
  number: ClientNumber.describe('The client number, unique in the company.'),
  groupId: GroupId,
  shippingAddress: ShippingAddressInput.default(null),
  marketingOptIn: MarketingOptInInput.nullable().default(null),
});
export type ClientChange = z.output<typeof ClientChange>;

export const ClientPatch = mergePatchOf(ClientChange.extend({ groupId: plain.groupId })).meta({
  id: 'ClientPatch',
  description: 'JSON merge patch (RFC 7396). A field that is left out stays as it is, and null clears it.',
});
export type ClientPatch = z.output<typeof ClientPatch>;

const PortalAccount = z.object({
  status: z
    .enum(['none', 'invited', 'active', 'locked'])
    .describe('`locked`: active, but after wrong passwords the sign-in is refused until `lockedUntil`.'),
  username: z
    .string()
    .nullable()
    .describe('The name to sign in with; null if there is neither a username nor an address.'),
  invitedAt: Instant.nullable().describe('When the last invitation was sent; null if there is none.'),
  lastSignInAt: Instant.nullable().describe('When the contact last signed in; null if never.'),
  lockedUntil: Instant.nullable()
    .default(null)
    .describe(
      'Until when sign-ins are refused from where wrong passwords came; null if they are not. A device that has signed in before is let in all the same, unless the wrong passwords came from it.',
    ),
});

export const Contact = z
  .object({
    id: ContactId,
    ...contactPlain,
    emailStatus: EmailStatus.default(REACHABLE),
    phoneE164: E164.default(null).describe('The phone number in E.164, or null if it is no valid phone number.'),
    isPrimary: z.boolean().describe('Whether it is the primary contact of the client.'),
    portal: PortalAccount.describe('The access of the contact to the portal.'),
    createdAt: Instant.describe('When it was created.'),
    updatedAt: Instant.describe('When it was last changed.'),
    version: z.int().positive().describe('Each change raises it. It is in the ETag.'),
  })
  .meta({ id: 'Contact', description: 'A person at a client.' });
export type Contact = z.output<typeof Contact>;

/** A contact as the request shows it that created it. */
export const CreatedContact = Contact.extend({
  generatedPassword: z
    .string()
    .optional()
    .describe('The generated password, if one was asked for. It is shown in this reply only.'),
}).meta({ id: 'CreatedContact' });
export type CreatedContact = z.output<typeof CreatedContact>;

/** The balances of a client in one currency, in minor units. */
export const Balances = z
  .object({
    currency: Currency,
    invoiced: z.int().describe('The gross of all invoices that were sent and not cancelled, in minor units.'),
    paidToDate: z.int().describe('The payments that were received, less refunds.'),
    balance: z.int().describe('What is owed on invoices.'),
    credit: z.int().describe('What the client has paid or been credited beyond its invoices.'),
  })
  .meta({ id: 'Balances' });

const amount = (description: string) => z.int().describe(`${description} In minor units of the currency.`);

const ListedBalance = z.object({ currency: Currency, balance: amount('What the client owes.') });

const PrimaryContact = z.object({
  id: ContactId,
  name: z.string().nullable().describe('The full name; null if it has none.'),
  email: z.string().nullable().describe('The e-mail address; null if it has none.'),
});

/** A client in a list. The indexes of the list project exactly these fields. */
export const ListedClient = z
  .object({
    id: ClientId,
    number: plain.number.unwrap().unwrap().describe('The client number, unique in the company.'),
    idNumber: plain.idNumber.unwrap().describe('The number of the client in another system; null if it has none.'),
    displayName: z
      .string()
      .meta({ description: 'The name, or that of the first contact, or its address.', examples: ['Northwind Studio'] }),
    status: ClientStatus,
    archivedAt: Instant.nullable().describe('When the client was archived; null if it is not.'),
    groupId: GroupId.describe('The group of the client.'),
    pricingId: PricingId.nullable().describe('The pricing of the client; null if it has none.'),
    primaryContact: PrimaryContact.nullable().describe('The primary contact; null if the client has no contact.'),
    balances: z.array(ListedBalance).describe('What the client owes, for each currency.'),
    tags: z.array(z.string()).describe('The tags of the client.'),
    createdAt: Instant.describe('When it was created.'),
    updatedAt: Instant.describe('When it was last changed.'),
    version: z.int().positive().describe('Each change raises it. It is in the ETag.'),
  })
  .meta({ id: 'ListedClient' });
export type ListedClient = z.output<typeof ListedClient>;

const written = {
  ...plain,
  number: ClientNumber.describe('The client number, unique in the company.'),
  groupId: GroupId.describe('The group of the client.'),
  website: z.string().nullable().describe('The web address; null if there is none.'),
  shippingAddress: Address.nullable().describe('Where goods go; null if there is no such address.'),
  marketingOptIn: MarketingOptIn.nullable(),
};

const base = {
  id: ClientId,
  ...written,
  displayName: z.string().describe('The name, or that of the first contact, or its address. Read-only.'),
  archivedAt: Instant.nullable().describe('When the client was archived; null if it is not.'),
  createdAt: Instant.describe('When it was created.'),
  updatedAt: Instant.describe('When it was last changed.'),
  version: z.int().positive().describe('Each change raises it. It is in the ETag.'),
};

/** Something that looks wrong about a client, but is no reason to refuse it. */
export const Warning = z
  .object({
    pointer: z.string().meta({ description: 'A JSON pointer (RFC 6901) to the field.', examples: ['/vatNumber'] }),
    code: z.enum(['vat-format', 'vat-checksum', 'vat-duplicate', 'unknown-subdivision']).meta({
      description: 'What looks wrong. `vat-duplicate` is told when a client is created or changed only.',
      examples: ['vat-checksum'],
    }),
    detail: z
      .string()
      .meta({ description: 'The same in words.', examples: ['The check digits do not fit a VAT number (Germany).'] }),
  })
  .meta({ id: 'Warning' });
export type Warning = z.output<typeof Warning>;

export const ClientProfile = z
  .object({
    ...base,
    defaultFax: Phone.nullable().describe('Read-only. The first fax of `phones`; null if there is none.'),
    contacts: z.array(Contact).describe('All contacts, the oldest first.'),
    balances: z.array(Balances).describe('The balances, for each currency.'),
    warnings: z.array(Warning).describe('What looks wrong about the client. It was stored all the same.'),
  })
  .meta({ id: 'ClientProfile' });
export type ClientProfile = z.output<typeof ClientProfile>;

/** The profile as the request shows it that created the client. */
export const CreatedClient = ClientProfile.extend({
  contacts: z.array(CreatedContact).describe('All contacts, the oldest first.'),
}).meta({ id: 'CreatedClient' });
export type CreatedClient = z.output<typeof CreatedClient>;

export const clientEntity = {
  name: 'client',
  version: 1,
  schema: z.object({
    ...base,
    /** Copies for the list, updated by every write. */
    primaryContact: PrimaryContact.nullable(),
    balances: z.array(Balances),
    /** Of the ledger: the number of entries, and the time of the last one. */
    ledger: z
      .object({ entries: z.int().nonnegative(), lastEntryAt: Instant.nullable() })
      .default({ entries: 0, lastEntryAt: null }),
    /** Counts changes of balances. They do not change `version`, which is that of the fields that callers write. */
    accountVersion: z.int().nonnegative().default(0),
    /** The ids of the linked users, sorted. A list can be filtered by them. */
    userIds: z.array(UserId).max(MAX_LINKED_USERS).default([]),
    /** Counts how often the portal was closed for the client. Portal sessions are valid in their own generation only. */
    portalGeneration: z.int().nonnegative(),
    /** Whether the guard of the VAT number names this client: it was the first one with the number. */
    holdsVatNumber: z.literal(true).optional(),
  }),
} satisfies Entity;
export type StoredClient = z.output<typeof clientEntity.schema>;

export const listedClientEntity = { name: 'client', version: 1, schema: ListedClient } satisfies Entity;

export const contactEntity = {
  name: 'contact',
  version: 1,
  schema: Contact.extend({
    clientId: ClientId,
    /** The pending invitation. Only the link in its mail can accept it. */
    invitation: AwaitedMail.optional(),
    /** Counts new passwords. Portal sessions are valid in their own generation only. */
    credentialGeneration: z.int().nonnegative(),
  }),
} satisfies Entity;

export type StoredContact = z.output<typeof contactEntity.schema>;

/** A guard of a unique value: it exists exactly as long as the client or contact has the value that is in its key. */
export const guardEntity = {
  name: 'guard',
  version: 1,
  schema: z.object({ clientId: ClientId, contactId: ContactId.optional() }),
} satisfies Entity;
