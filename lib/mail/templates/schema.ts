import * as z from 'zod';
import { ClientId, ContactId, GroupId, MailId } from '../../shared/ids.ts';
import { Language } from '../../shared/locale.ts';
import { Instant, line, text } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';

/** What is mailed: to contacts, to users of the company (`user-…`), about an invoice, about an account. */
export const TemplateKey = z
  .enum([
    'invitation',
    'registration',
    'password-reset',
    'user-invitation',
    'user-password-reset',
    'invoice',
    'reminder-1',
    'reminder-2',
    'reminder-3',
    'reminder-endless',
    'statement',
  ])
  .meta({ id: 'TemplateKey' });
export type TemplateKey = z.output<typeof TemplateKey>;

const MAX_SUBJECT = 250;
const MAX_BODY = 10_000;

export const TemplateText = z
  .strictObject({
    subject: line(MAX_SUBJECT)
      .describe('One line with variables; no Markdown.')
      .meta({ examples: ['Invoice $invoice.number from $company.name'] }),
    body: text(MAX_BODY)
      .min(1)
      .describe(
        'Markdown with variables. `$$` is a dollar sign where a letter follows. Links go to https and mailto addresses and to `$portal.link`, which is a button where it stands alone in a paragraph.',
      )
      .meta({ examples: ['Hello $contact.name,\n\n[View the invoice]($portal.link)'] }),
  })
  .meta({
    id: 'TemplateText',
    description: 'A variable that the mail does not have is an error that names it with its line and column.',
    examples: [
      { subject: 'A message from $company.name', body: 'Hello!\n\n$portal.link\n\nKind regards,\n$company.name' },
    ],
  });
export type TemplateText = z.output<typeof TemplateText>;

export const TemplateSource = z.enum(['group', 'company', 'built-in']).meta({ id: 'TemplateSource' });
export type TemplateSource = z.output<typeof TemplateSource>;

export const Template = z
  .object({
    key: TemplateKey,
    language: Language.describe('The language that was asked for.'),
    textLanguage: Language.describe(
      'The language that the text is in: where there is none in the one asked for, its base language, then that of the company, then English.',
    ),
    source: TemplateSource.describe('The level that the text comes from.'),
    subject: z.string(),
    body: z.string(),
    variables: z
      .array(z.string())
      .describe('The variables that this mail has; each has a French name too.')
      .meta({ examples: [['$client.name', '$company.name', '$portal.link']] }),
    updatedAt: Instant.nullable().describe('Null for a text that is built in.'),
    version: z.int().nonnegative().describe('Of the text at its level; 0 for one that is built in.'),
  })
  .meta({ id: 'Template' });
export type Template = z.output<typeof Template>;

export const ListedTemplate = Template.pick({
  key: true,
  language: true,
  source: true,
  subject: true,
  updatedAt: true,
  version: true,
}).meta({ id: 'ListedTemplate' });
export type ListedTemplate = z.output<typeof ListedTemplate>;

/** Whose data a text is shown with, and words that are not saved. */
const trial = {
  clientId: ClientId.optional().describe('Its data in the place of sample data, and the text of its group.'),
  contactId: ContactId.optional().describe('One of the client; the primary one where it is left out.'),
  subject: TemplateText.shape.subject.optional().describe('In the place of the saved one.'),
  body: TemplateText.shape.body.optional().describe('In the place of the saved one.'),
};

export const TemplateTrial = z.strictObject(trial).meta({ id: 'TemplateTrial', examples: [{}] });
export type TemplateTrial = z.output<typeof TemplateTrial>;

export const TemplateTestMail = z
  .object({ mailId: MailId, status: z.literal('queued') })
  .meta({ id: 'TemplateTestMail' });
export type TemplateTestMail = z.output<typeof TemplateTestMail>;

export const RenderedMail = z
  .object({ subject: z.string(), html: z.string(), text: z.string() })
  .meta({ id: 'RenderedMail' });
export type RenderedMail = z.output<typeof RenderedMail>;

/** A text of a company or of one of its groups. */
export const templateEntity = {
  name: 'template',
  version: 1,
  schema: z.object({
    key: TemplateKey,
    language: Language,
    groupId: GroupId.nullable(),
    subject: z.string(),
    body: z.string(),
    updatedAt: Instant,
    version: z.int().positive(),
  }),
} satisfies Entity<z.ZodType>;
export type StoredTemplate = z.output<typeof templateEntity.schema>;
