import * as z from 'zod';
import { ClientId, ContactId, GroupId, MailId } from '../../shared/ids.ts';
import { Language } from '../../shared/locale.ts';
import { Instant, line, text } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';
import { TemplateKey } from '../kinds.ts';

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
        'Markdown with variables. A dollar sign before a letter is written `$$`. Links lead to https and mailto addresses and to `$portal.link`, which becomes a button if it is alone in a paragraph. `$portal.link` stands between spaces or is the whole address of a link; it cannot be a part of something else.',
      )
      .meta({ examples: ['Hello $contact.name,\n\n[View the invoice]($portal.link)'] }),
  })
  .meta({
    id: 'TemplateText',
    description: 'A variable that the mail does not have is a validation error, with its line and column.',
    examples: [
      { subject: 'A message from $company.name', body: 'Hello!\n\n$portal.link\n\nKind regards,\n$company.name' },
    ],
  });
export type TemplateText = z.output<typeof TemplateText>;

export const TemplateSource = z
  .enum(['group', 'company', 'built-in'])
  .meta({ id: 'TemplateSource', description: 'A level that has texts.' });
export type TemplateSource = z.output<typeof TemplateSource>;

export const Template = z
  .object({
    key: TemplateKey,
    language: Language.describe('The requested language.'),
    textLanguage: Language.describe(
      'The language of the text. If there is no text in the requested language, it is its base language, else the language of the company, else English.',
    ),
    source: TemplateSource.describe('The level that the text comes from.'),
    subject: z.string().describe('The subject, with variables.'),
    body: z.string().describe('The text in Markdown, with variables.'),
    variables: z
      .array(z.string())
      .describe('The variables of this mail, by their English names. Each has a French name too.')
      .meta({ examples: [['$client.name', '$company.name', '$portal.link']] }),
    updatedAt: Instant.nullable().describe('Null for a built-in text.'),
    version: z.int().nonnegative().describe('The version of the text at its level; 0 for a built-in text.'),
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

/** The client whose data a text is tried with, and a text that is not saved. */
const trial = {
  clientId: ClientId.optional().describe(
    'Uses the data of this client instead of sample data, and the text of its group.',
  ),
  contactId: ContactId.optional().describe('A contact of the client; by default the primary one.'),
  subject: TemplateText.shape.subject.optional().describe('Replaces the saved one.'),
  body: TemplateText.shape.body.optional().describe('Replaces the saved one.'),
};

export const TemplateTrial = z.strictObject(trial).meta({ id: 'TemplateTrial', examples: [{}] });
export type TemplateTrial = z.output<typeof TemplateTrial>;

export const TemplateTestMail = z
  .object({ mailId: MailId, status: z.literal('queued').describe('The mail will be sent.') })
  .meta({ id: 'TemplateTestMail' });
export type TemplateTestMail = z.output<typeof TemplateTestMail>;

export const RenderedMail = z
  .object({
    subject: z.string().describe('The subject.'),
    html: z.string().describe('The mail as HTML.'),
    text: z.string().describe('The mail as plain text.'),
  })
  .meta({ id: 'RenderedMail' });
export type RenderedMail = z.output<typeof RenderedMail>;

/** A company's or a group's text. */
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
} satisfies Entity;
export type StoredTemplate = z.output<typeof templateEntity.schema>;

/** A variable that texts of mails can have. */
export const TemplateVariable = z
  .object({
    name: z
      .string()
      .describe('The variable as it is written in a text.')
      .meta({ examples: ['$client.name'] }),
    frenchName: z
      .string()
      .describe('Its French name, which means the same in a text of any language. Accents may be left out.')
      .meta({ examples: ['$client.nom'] }),
    example: z
      .string()
      .describe('A value, as previews with sample data show it in English.')
      .meta({ examples: ['Harbour Bakery'] }),
    templates: z.array(TemplateKey).describe('The mails that have the variable.'),
  })
  .meta({ id: 'TemplateVariable' });
export type TemplateVariable = z.output<typeof TemplateVariable>;

export const TemplateVariables = z
  .object({ data: z.array(TemplateVariable).describe('All variables, by what they are about.') })
  .meta({ id: 'TemplateVariables' });
