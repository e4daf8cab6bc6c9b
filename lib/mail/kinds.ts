import * as z from 'zod';

const HOUR = 3600;

/** What a mail is, apart from its text. */
interface Mail {
  /** A contact of a client, or a user of the company. It decides which records the text can name. */
  recipient: 'contact' | 'user';
  /** A further record that the text can name. */
  about: 'invoice' | 'statement' | null;
  /**
   * A link that can be used once: the page that it opens, below the company's slug, and the seconds until it expires after
   * the mail was sent. A mail without it links to the client portal itself.
   */
  oneTimeLink: { page: string; seconds: number } | null;
  /** How the system log names the mail, as the beginning of a sentence. */
  title: string;
}

/**
 * Every mail, once. A new mail needs an entry here and its text in each language of `templates/built-in/`; with a one-time
 * link it also needs a line in `compose.ts` that tells whether the link still counts.
 * The order is that of the API's document.
 */
export const mailKinds = {
  invitation: {
    recipient: 'contact',
    about: null,
    oneTimeLink: { page: 'invitation', seconds: 72 * HOUR },
    title: 'The invitation to the portal',
  },
  registration: {
    recipient: 'contact',
    about: null,
    oneTimeLink: null,
    title: 'The mail about the registration',
  },
  'portal-access': {
    recipient: 'contact',
    about: null,
    oneTimeLink: null,
    title: 'The mail about access to the portal',
  },
  'password-reset': {
    recipient: 'contact',
    about: null,
    oneTimeLink: { page: 'password-reset', seconds: HOUR },
    title: 'The mail for a new password',
  },
  'user-invitation': {
    recipient: 'user',
    about: null,
    oneTimeLink: { page: 'invitation', seconds: 72 * HOUR },
    title: 'The invitation to the staff',
  },
  'user-password-reset': {
    recipient: 'user',
    about: null,
    oneTimeLink: { page: 'password-reset', seconds: HOUR },
    title: 'The mail for a new password',
  },
  'user-email-verification': {
    recipient: 'user',
    about: null,
    oneTimeLink: { page: 'verify-email', seconds: 72 * HOUR },
    title: 'The mail to verify the address of the owner',
  },
  invoice: { recipient: 'contact', about: 'invoice', oneTimeLink: null, title: 'The invoice' },
  'reminder-1': { recipient: 'contact', about: 'invoice', oneTimeLink: null, title: 'The first reminder' },
  'reminder-2': { recipient: 'contact', about: 'invoice', oneTimeLink: null, title: 'The second reminder' },
  'reminder-3': { recipient: 'contact', about: 'invoice', oneTimeLink: null, title: 'The third reminder' },
  'reminder-endless': { recipient: 'contact', about: 'invoice', oneTimeLink: null, title: 'The repeated reminder' },
  statement: { recipient: 'contact', about: 'statement', oneTimeLink: null, title: 'The statement of account' },
} as const satisfies Record<string, Mail>;

type Kinds = typeof mailKinds;

const isTemplateKey = (key: string): key is keyof Kinds => Object.hasOwn(mailKinds, key);

/** A mail by its key: what its text is stored and looked up by. */
export const TemplateKey = z
  .enum(Object.keys(mailKinds).filter(isTemplateKey))
  .meta({ id: 'TemplateKey', description: 'Which mail the text is for.' });
export type TemplateKey = z.output<typeof TemplateKey>;

/** What the outbox sends: a mail of the table, or a template that somebody mails to themselves. */
export const MailKind = z.enum([...TemplateKey.options, 'template-test']);
export type MailKind = z.output<typeof MailKind>;

/** What a one-time link allows its holder to do: the key of the mail that contains it. */
export type LinkPurpose = {
  [Key in TemplateKey]: Kinds[Key]['oneTimeLink'] extends null ? never : Key;
}[TemplateKey];

/** Whether a mail contains a one-time link. */
export function hasOneTimeLink(kind: MailKind): kind is LinkPurpose {
  return kind !== 'template-test' && mailKinds[kind].oneTimeLink !== null;
}

export const LinkPurpose = z.enum(TemplateKey.options.filter(hasOneTimeLink));

/** Whether a mail is for contacts of clients, and so has what the company shows of itself. */
export function isToContact(kind: MailKind): boolean {
  return kind !== 'template-test' && mailKinds[kind].recipient === 'contact';
}

/** How the system log names a mail, as the beginning of a sentence. */
export function titleOf(kind: MailKind): string {
  return kind === 'template-test' ? 'The test of a template' : mailKinds[kind].title;
}
