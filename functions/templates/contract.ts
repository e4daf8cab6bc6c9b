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
} from '../../lib/mail/templates/schema.ts';
import { GroupId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';
import { Language } from '../../lib/shared/locale.ts';

const template = z.strictObject({ key: TemplateKey, language: Language });
const level = {
  groupId: GroupId.optional().describe('The level of this group; by default the level of the company.'),
};
const atLevel = z.strictObject(level);
const reader = { role: 'viewer' } as const;
const writer = { role: 'admin' } as const;

/** The texts of mails. A company and each of its groups can replace the built-in ones. */
export const templates = contract({
  listTemplates: {
    method: 'GET',
    path: '/v1/templates',
    tag: 'Templates',
    summary: 'List the texts of mails',
    description: 'The effective texts of a level, in each language that has one.',
    access: reader,
    query: z.strictObject({ ...listQuery, ...level }),
    reply: {
      status: 200,
      description: 'A page of texts, by key and language.',
      schema: pageOf('TemplatePage', ListedTemplate),
    },
    problems: ['not-found', 'bad-cursor'],
  },
  getTemplate: {
    method: 'GET',
    path: '/v1/templates/{key}/{language}',
    tag: 'Templates',
    summary: 'Read the text of a mail',
    description:
      'The effective text of a level: its own, else the one of the level above, else the built-in one. If there is none in the language, it is a text in its base language, in the language of the company, or in English.',
    access: reader,
    params: template,
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
      'Replaces the text of the level above, for all mails from now on. Variables that the mail does not have are validation errors, and so are links to anything but https and mailto addresses and `$portal.link`.',
    access: writer,
    params: template,
    query: atLevel,
    body: TemplateText,
    reply: { status: 200, created: true, description: 'The text.', schema: Template },
    versioned: true,
    problems: ['not-found', 'group-deleting', 'stale-version', 'write-conflict'],
  },
  deleteTemplate: {
    method: 'DELETE',
    path: '/v1/templates/{key}/{language}',
    tag: 'Templates',
    summary: 'Remove the text of a level',
    access: writer,
    params: template,
    query: atLevel,
    reply: { status: 204, description: 'The text is removed, and the one of the level above applies.' },
    versioned: true,
    problems: ['not-found', 'group-deleting', 'stale-version', 'write-conflict'],
  },
  previewTemplate: {
    method: 'POST',
    path: '/v1/templates/{key}/{language}/preview',
    tag: 'Templates',
    summary: 'Preview a mail',
    description:
      'Renders the saved text or the one in the body, with the data of a client or with sample data. Links, invoices and statements are always samples. A mail to users accepts no client.',
    access: { role: 'viewer', module: 'clients' },
    params: template,
    query: atLevel,
    body: TemplateTrial,
    reply: { status: 200, description: 'The rendered mail.', schema: RenderedMail },
    problems: ['not-found'],
  },
  testTemplate: {
    method: 'POST',
    path: '/v1/templates/{key}/{language}/test',
    tag: 'Templates',
    summary: 'Send a mail to yourself as a test',
    description:
      'Sends the mail as the preview shows it, to the address of the calling user: the text in the body, or the saved one as it is at the time of sending. The result is in the system log of the company.',
    access: { role: 'admin', module: 'clients' },
    params: template,
    query: atLevel,
    body: TemplateTrial,
    reply: { status: 202, description: 'The mail is queued.', schema: TemplateTestMail },
    problems: ['not-found', 'no-address', 'write-conflict'],
  },
});
