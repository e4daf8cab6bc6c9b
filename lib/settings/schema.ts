import * as z from 'zod';
import { DEFAULT_MAX_SIZE, DocumentSettings } from '../documents/schema.ts';
import { Rate } from '../money/schema.ts';
import { Numbering, RecordNumbering } from '../numbers/schema.ts';
import { EmailAddress } from '../shared/email.ts';
import { Currency, Language, Timezone } from '../shared/locale.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { Fee, Price } from '../shared/money.ts';
import { addFault } from '../shared/rules.ts';
import { foldForComparison, Instant, identifier, line, senderName, text } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';
import { CustomFieldDefinitions } from './custom-fields.ts';
import { EMPTY_LETTERHEAD, Letterhead } from './letterhead-schema.ts';

export const InvoiceDelivery = z.enum(['email', 'post', 'portal', 'none']);

const ReminderRule = z.strictObject({
  days: z.int().min(0).max(365).describe('How many days before or after the date the reminder is sent.'),
  when: z
    .enum(['afterInvoiceDate', 'beforeDueDate', 'afterDueDate'])
    .describe('The date that the days are counted from.'),
  lateFee: Fee.optional().describe('What is charged with the reminder; left out for nothing.'),
});

/** Two rules for the same day would send two reminders on it. */
function refuseSameDay(rules: readonly z.output<typeof ReminderRule>[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { days, when }] of rules.entries()) {
    const day = `${days} ${when}`;
    if (seen.has(day))
      addFault(context, { path: [index], code: 'duplicate', message: 'Another rule has the same day.' });
    seen.add(day);
  }
}

const Reminders = z
  .strictObject({
    sendHour: z
      .int()
      .min(0)
      .max(23)
      .describe("The hour of the day at which reminders are sent, in the company's time zone."),
    rules: z
      .array(ReminderRule)
      .max(3, { abort: true })
      .superRefine(refuseSameDay)
      .describe('When reminders are sent: three at most, no two on one day.')
      .meta({ uniqueItems: true }),
    endless: z
      .strictObject({ everyDays: z.int().min(1).max(365).describe('Days from one of these reminders to the next.') })
      .optional()
      .describe('A reminder that repeats after the others until the invoice is paid; left out for none.'),
  })
  .meta({ id: 'Reminders' });

export const PortalPermissions = z
  .strictObject({
    client: z.boolean().describe('Whether contacts see the data of their client.'),
    documents: z.boolean().describe('Whether contacts see the documents that are meant for the portal.'),
    invoices: z.boolean().describe('Whether contacts see the invoices.'),
    quotes: z.boolean().describe('Whether contacts see the quotes.'),
    ledger: z.boolean().describe('Whether contacts see the ledger.'),
    statement: z.boolean().describe('Whether contacts see the statement of account.'),
  })
  .partial()
  .meta({
    id: 'PortalPermissions',
    description:
      'Which parts of the portal the contacts see. A part that is left out has the value of the next higher level.',
  });

/** The keys of the settings cascade. Client, group and company have the same ones. */
const cascade = {
  currency: Currency,
  language: Language,
  timezone: Timezone,
  paymentTermsDays: z.int().min(0).max(3650).describe('Days from the date of an invoice until it is due.'),
  quoteValidDays: z.int().min(0).max(3650).describe('Days for which a quote is valid.'),
  taskHourlyRate: Price.describe('The price of an hour of a task.'),
  sendReminders: z.boolean().describe('Whether reminders of unpaid invoices are sent.'),
  reminders: Reminders.describe('When unpaid invoices are reminded of.'),
  invoiceDelivery: InvoiceDelivery.describe('How invoices reach the client.'),
  emailSignature: text(5000).describe('Plain text at the end of mails.'),
  documentLanguage: Language,
  portalPermissions: PortalPermissions,
  defaultPublicNotes: text(10_000).describe('The public notes of documents whose client has none.'),
};

/** The settings that one level sets. */
export const LevelSettings = z.strictObject(cascade).partial().meta({ id: 'LevelSettings' });
export type LevelSettings = z.output<typeof LevelSettings>;
export const LevelSettingsPatch = mergePatchOf(LevelSettings).meta({ id: 'LevelSettingsPatch' });
export type LevelSettingsPatch = z.output<typeof LevelSettingsPatch>;

const Source = z.enum(['client', 'group', 'company', 'default']).meta({ id: 'SettingSource' });
export type SettingSource = z.output<typeof Source>;

const effective = <S extends z.ZodType>(value: S) =>
  z
    .object({
      value: value.describe('The value that applies.'),
      source: Source.describe('The level that the value comes from.'),
    })
    .describe('The value that applies, and where it comes from.');

const everyPermission = <S extends z.ZodType>(of: S) =>
  z.object({
    client: of.describe('The data of the client.'),
    documents: of.describe('Documents.'),
    invoices: of.describe('Invoices.'),
    quotes: of.describe('Quotes.'),
    ledger: of.describe('The ledger.'),
    statement: of.describe('Statements.'),
  });

/** The settings that apply to a client, each with the level that its value comes from. */
export const EffectiveSettings = z
  .object({
    currency: effective(Currency),
    language: effective(Language),
    timezone: effective(Timezone),
    paymentTermsDays: effective(cascade.paymentTermsDays),
    quoteValidDays: effective(cascade.quoteValidDays),
    taskHourlyRate: effective(Price.nullable()),
    sendReminders: effective(cascade.sendReminders),
    reminders: effective(Reminders),
    invoiceDelivery: effective(InvoiceDelivery),
    emailSignature: effective(cascade.emailSignature),
    documentLanguage: effective(Language).describe('If no level sets it, it is the effective `language`.'),
    portalPermissions: effective(everyPermission(z.boolean()))
      .extend({
        sources: everyPermission(Source).describe(
          'The level that each part comes from. `source` is the nearest of them.',
        ),
      })
      .describe('Which parts of the portal the contacts see.'),
    defaultPublicNotes: effective(cascade.defaultPublicNotes),
  })
  .meta({ id: 'EffectiveSettings' });
export type EffectiveSettings = z.output<typeof EffectiveSettings>;

/** The defaults of a company. Sign-up sets currency, language and time zone. */
export const DEFAULT_SETTINGS = {
  paymentTermsDays: 30,
  quoteValidDays: 30,
  sendReminders: false,
  reminders: { sendHour: 8, rules: [] },
  invoiceDelivery: 'email',
  portalPermissions: { client: true, documents: true, invoices: true, quotes: true, ledger: true, statement: true },
} satisfies LevelSettings;

/** How long the activity is kept. */
export const Retention = z
  .strictObject({
    activityDays: z
      .int()
      .min(30)
      .max(36_500)
      .nullable()
      .default(null)
      .describe(
        'Days for which new entries of the activity are kept; null keeps them for ever. Existing entries keep their time.',
      )
      .meta({ examples: [3650] }),
  })
  .meta({ id: 'Retention', description: 'How long records are kept.' });
const KEPT_FOR_EVER: z.output<typeof Retention> = { activityDays: null };

/** The sender and the look of the company's mails. */
export const Sender = z
  .strictObject({
    fromName: senderName(100)
      .nullable()
      .default(null)
      .describe('The name of the sender. If it is null, mails have the name of the company.')
      .meta({ examples: ['Northwind Studio'] }),
    replyTo: EmailAddress.nullable()
      .default(null)
      .describe('The address for replies. If it is null, replies go to the address of the installation.'),
    color: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #1f4e79')
      .nullable()
      .default(null)
      .describe('The colour of buttons and links in mails.')
      .meta({ examples: ['#1f4e79'] }),
  })
  .meta({ id: 'Sender', description: 'The sender and the look of mails.' });
export type Sender = z.output<typeof Sender>;
const DEFAULT_SENDER: Sender = { fromName: null, replyTo: null, color: null };

/** The taxes that lines can name. The one that is the default applies to lines that name none. */
const Taxes = z
  .array(
    z
      .strictObject({
        name: line(50)
          .describe('The name, as it is printed.')
          .meta({ examples: ['VAT'] }),
        rate: Rate.describe('The percentage.'),
        isDefault: z.boolean().default(false).describe('Whether lines that name no tax have this one.'),
      })
      .meta({ id: 'Tax', description: 'A tax that lines of invoices can name.' }),
  )
  .max(50, { abort: true })
  .superRefine((taxes, context) => {
    const issue = (index: number, member: string, message: string) =>
      addFault(context, { path: [index, member], code: 'duplicate', message });
    taxes.forEach(({ name, isDefault }, index) => {
      const earlier = taxes.slice(0, index);
      if (earlier.some((tax) => foldForComparison(tax.name) === foldForComparison(name)))
        issue(index, 'name', 'Another tax has this name.');
      if (isDefault && earlier.some((tax) => tax.isDefault)) issue(index, 'isDefault', 'Only one tax is the default.');
    });
  })
  .describe('The taxes that lines of invoices can name.');

/** Where clients pay to, as it is printed on invoices. */
const Bank = z
  .strictObject({
    accountHolder: line(200).nullable().default(null).describe('The name of the holder of the account.'),
    bankName: line(200).nullable().default(null).describe('The name of the bank.'),
    iban: identifier(42)
      .nullable()
      .default(null)
      .describe('The IBAN.')
      .meta({ examples: ['GB33BUKB20201555555555'] }),
    bic: identifier(11)
      .nullable()
      .default(null)
      .describe('The BIC of the bank.')
      .meta({ examples: ['BUKBGB22'] }),
    accountNumber: identifier(34)
      .nullable()
      .default(null)
      .describe('The number of the account, where there is no IBAN.'),
    routingNumber: identifier(34).nullable().default(null).describe('Sort code, routing number or clearing number.'),
  })
  .meta({ id: 'Bank', description: 'An account at a bank.' });

/** The settings of invoices, beyond those of the cascade. */
const invoicing = {
  taxes: Taxes.default([]),
  pricesIncludeTax: z.boolean().default(false).describe('Whether prices of invoice lines include tax.'),
  bank: Bank.nullable().default(null).describe('Where clients pay to, as it is printed on invoices.'),
};

export const CompanySettings = LevelSettings.extend({
  ...invoicing,
  currency: Currency,
  language: Language,
  timezone: Timezone,
  clientNumber: Numbering.describe('How new clients are numbered.'),
  invoiceNumber: RecordNumbering.describe('How invoices are numbered when they are sent, without gaps.'),
  creditNoteNumber: RecordNumbering.describe('How credit notes are numbered, without gaps.'),
  customFields: CustomFieldDefinitions.default({ client: {}, contact: {} }),
  documents: DocumentSettings.describe('What documents may be.').default({ maxSize: DEFAULT_MAX_SIZE }),
  retention: Retention.describe('How long records are kept.').default(KEPT_FOR_EVER),
  sender: Sender.describe('The sender and the look of mails.').default(DEFAULT_SENDER),
  letterhead: Letterhead.default(EMPTY_LETTERHEAD),
  updatedAt: Instant.describe('When the settings were last changed.'),
  version: z.int().positive().describe('Counts the changes of the settings. It is the ETag.'),
}).meta({ id: 'CompanySettings' });
export type CompanySettings = z.output<typeof CompanySettings>;

/** The company settings that a PATCH can change. */
export const CompanySettingsInput = CompanySettings.omit({ updatedAt: true, version: true });
export const CompanySettingsPatch = mergePatchOf(CompanySettingsInput).meta({ id: 'CompanySettingsPatch' });
export type CompanySettingsPatch = z.output<typeof CompanySettingsPatch>;

const NarrowedFields = z.object({ client: z.array(z.string()), contact: z.array(z.string()) });

/** The settings that the company sets itself. A missing key has its default. */
const CompanyLevel = LevelSettings.extend({ currency: Currency, language: Language, timezone: Timezone });

export const settingsEntity = {
  name: 'settings',
  version: 1,
  schema: z.object({
    settings: CompanyLevel,
    ...invoicing,
    customFields: CustomFieldDefinitions.default({ client: {}, contact: {} }),
    /** The names of custom fields of which only fitting values are shown. */
    narrowedFields: NarrowedFields.default({ client: [], contact: [] }),
    documents: DocumentSettings.default({ maxSize: DEFAULT_MAX_SIZE }),
    retention: Retention.default(KEPT_FOR_EVER),
    sender: Sender.default(DEFAULT_SENDER),
    letterhead: Letterhead.default(EMPTY_LETTERHEAD),
    updatedAt: Instant,
    version: z.int().positive(),
  }),
} satisfies Entity;
