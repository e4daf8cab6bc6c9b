import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';
import { TemplateKey } from '../../lib/mail/kinds.ts';
import {
  ListedTemplate,
  RenderedMail,
  Template,
  TemplateTestMail,
  TemplateText,
  TemplateTrial,
  TemplateVariables,
} from '../../lib/mail/templates/schema.ts';
import { GroupId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';
import { Language } from '../../lib/shared/locale.ts';

const templateParams = z.strictObject({ key: TemplateKey, language: Language });
const levelQuery = {
  groupId: GroupId.optional().describe(
    'The group whose level is meant. Without it, the level of the company is meant.',
  ),
};
const atLevel = z.strictObject(levelQuery);
const reader = { role: 'viewer' } as const;
const writer = { role: 'admin' } as const;

/** The texts of mails. A company can replace the built-in ones, and each group can replace those of the company. */
export const templates = contract({
  listTemplates: {
    method: 'GET',
    path: '/v1/templates',
    tag: 'Templates',
    summary: 'List the texts of mails',
    description: 'The effective texts of the company or a group, in each language that has one.',
    access: reader,
    query: z.strictObject({ ...listQuery, ...levelQuery }),
    reply: {
      status: 200,
      description: 'A page of texts, ordered by key and language.',
      schema: pageOf('TemplatePage', ListedTemplate),
    },
    problems: ['not-found', 'bad-cursor'],
  },
  listTemplateVariables: {
    method: 'GET',
    path: '/v1/templates/variables',
    tag: 'Templates',
    summary: 'List the variables of mails',
    description: 'Every variable with its English and its French name, an example, and the mails that have it.',
    access: reader,
    reply: { status: 200, description: 'All variables.', schema: TemplateVariables },
    problems: [],
  },
  getTemplate: {
    method: 'GET',
    path: '/v1/templates/{key}/{language}',
    tag: 'Templates',
    summary: 'Read the text of a mail',
    description:
      'The effective text: that of the group, else that of the company, else the built-in one. If no text exists in the language, the answer is a text in its base language, in the language of the company, or in English.',
    access: reader,
    params: templateParams,
    query: atLevel,
    reply: { status: 200, description: 'The text.', schema: Template },
    versioned: true,
    problems: ['not-found'],
  },
  putTemplate: {
    method: 'PUT',
    path: '/v1/templates/{key}/{language}',
    tag: 'Templates',
    summary: 'Save the text of a mail',
    description:
      'The text applies to all mails that are sent from now on. Variables that this mail does not have are validation errors. Links may lead to https and mailto addresses and to `$portal.link` only. `$portal.link` stands between spaces, or is the whole address of a link, and a mail that exists for its link must have it. Texts of mails to staff (`user-…`) are for owners only.',
    access: writer,
    params: templateParams,
    query: atLevel,
    body: TemplateText,
    examples: [
      {
        body: {
          subject: 'Your access to the portal of $company.name',
          body: 'Hello $contact.name,\n\n$portal.link\n\nKind regards,\n$company.name',
        },
      },
    ],
    reply: { status: 200, created: true, description: 'The text.', schema: Template },
    versioned: true,
    problems: ['not-found', 'group-deleting', 'stale-version', 'write-conflict'],
  },
  deleteTemplate: {
    method: 'DELETE',
    path: '/v1/templates/{key}/{language}',
    tag: 'Templates',
    summary: 'Remove the text of a company or a group',
    description: 'Texts of mails to staff (`user-…`) are for owners only.',
    access: writer,
    params: templateParams,
    query: atLevel,
    reply: {
      status: 204,
      description: 'The text is removed. The text of the company, or the built-in one, applies again.',
    },
    versioned: true,
    problems: ['not-found', 'group-deleting', 'stale-version', 'write-conflict'],
  },
  previewTemplate: {
    method: 'POST',
    path: '/v1/templates/{key}/{language}/preview',
    tag: 'Templates',
    summary: 'Preview a mail',
    description:
      'Renders the text in the body, or the saved one, with the data of a client or with sample data. Links, invoices and statements are always samples. The name of the company stands in place of its logo. A client cannot be given for a mail that goes to users. Texts of mails to staff (`user-…`) are for owners only.',
    access: { role: 'viewer', module: 'clients' },
    params: templateParams,
    query: atLevel,
    body: TemplateTrial,
    examples: [
      { title: 'The saved text with sample data', body: {} },
      { title: 'The saved text with the data of a client', body: { clientId: 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA' } },
    ],
    reply: { status: 200, description: 'The rendered mail.', schema: RenderedMail },
    problems: ['not-found'],
  },
  testTemplate: {
    method: 'POST',
    path: '/v1/templates/{key}/{language}/test',
    tag: 'Templates',
    summary: 'Send a mail to yourself as a test',
    description:
      'Sends the mail as the preview shows it to the address of the calling user. Without a text in the body, the mail has the text that is saved when it is sent. The system log of the company shows the result. Texts of mails to staff (`user-…`) are for owners only.',
    access: { role: 'admin', module: 'clients' },
    params: templateParams,
    query: atLevel,
    body: TemplateTrial,
    examples: [{ body: {} }],
    reply: { status: 202, description: 'The mail is queued.', schema: TemplateTestMail },
    problems: ['not-found', 'no-address', 'email-not-verified', 'too-many-mails', 'write-conflict'],
  },
});
