import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';
import {
  ListedTemplate,
  RenderedMail,
  Template,
  TemplateKey,
  TemplateTestMail,
  TemplateText,
  TemplateTrial,
} from '../../lib/mail/templates/schema.ts';
import { GroupId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';
import { Language } from '../../lib/shared/locale.ts';

const one = z.strictObject({ key: TemplateKey, language: Language });
const level = {
  groupId: GroupId.optional().describe("The group's level; that of the company where it is left out."),
};
const atLevel = z.strictObject(level);
const reader = { role: 'viewer' } as const;
const writer = { role: 'admin' } as const;

/** Texts of mails: built in, and a company's and its groups' own in the place of those. */
export const templates = contract({
  listTemplates: {
    method: 'GET',
    path: '/v1/templates',
    tag: 'Templates',
    summary: 'List the texts of mails',
    description: 'What counts at a level in each language that there is a text in.',
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
      'What counts at a level: its own text, else that of the level above, else the one that is built in; where there is none in the language, one in its base language, in that of the company, or in English.',
    access: reader,
    params: one,
    query: atLevel,
    reply: { status: 200, description: 'The text.', schema: Template },
    versioned: true,
    problems: ['not-found'],
  },
  putTemplate: {
    method: 'PUT',
    path: '/v1/templates/{key}/{language}',
    tag: 'Templates',
    summary: 'Give a level a text of its own',
    description:
      'The text counts for all mails from now on. Variables that the mail does not have, and links to other than https and mailto addresses and `$portal.link`, are errors.',
    access: writer,
    params: one,
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
    summary: 'Go back to the text of the level above',
    access: writer,
    params: one,
    query: atLevel,
    reply: { status: 204, description: 'The level has no text of its own any more.' },
    versioned: true,
    problems: ['not-found', 'group-deleting', 'stale-version', 'write-conflict'],
  },
  previewTemplate: {
    method: 'POST',
    path: '/v1/templates/{key}/{language}/preview',
    tag: 'Templates',
    summary: 'Preview a mail',
    description:
      'As it would be sent: of the saved text or of the one in the body, with the data of a client or with sample data. Links, invoices and statements are always samples. Mails to users take no client.',
    access: { role: 'viewer', module: 'clients' },
    params: one,
    query: atLevel,
    body: TemplateTrial,
    reply: { status: 200, description: 'The mail.', schema: RenderedMail },
    problems: ['not-found'],
  },
  testTemplate: {
    method: 'POST',
    path: '/v1/templates/{key}/{language}/test',
    tag: 'Templates',
    summary: 'Send a mail to yourself as a test',
    description:
      'As the preview shows it, to the address of whoever asks: of the saved text as it is then, or of the one in the body. How it ends is in the system log of the company.',
    access: { role: 'admin', module: 'clients' },
    params: one,
    query: atLevel,
    body: TemplateTrial,
    reply: { status: 202, description: 'The mail waits to be sent.', schema: TemplateTestMail },
    problems: ['not-found', 'no-address', 'write-conflict'],
  },
});
