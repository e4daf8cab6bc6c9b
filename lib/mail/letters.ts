import type { ClientId, CompanyId, GroupId, MailId } from '../shared/ids.ts';
import type { Write } from '../table/table.ts';
import { asciiAddress, mimeOf } from './message.ts';
import type { Recipient, RecipientRepository } from './recipient-repository.ts';
import type { MailFailure, MailKind, StoredMail } from './schema.ts';
import type { Letter, Written } from './sender.ts';
import { type MailRecords, variablesFrom } from './templates/records.ts';
import { renderMail } from './templates/render.ts';
import { sampleRecords } from './templates/sample.ts';
import { TemplateKey, type TemplateText } from './templates/schema.ts';

/** Mails that bring a link which opens something once. */
type LinkKind = 'invitation' | 'password-reset' | 'user-invitation' | 'user-password-reset';

interface LetterDeps {
  recipients: RecipientRepository;
  /** The text of a company's mail in the first language that there is one in, with that language. */
  textFor: (
    company: CompanyId,
    wanted: { key: TemplateKey; groupId: GroupId; languages: readonly string[] },
  ) => Promise<{ text: TemplateText; language: string }>;
  links: {
    secretOf: (mail: MailId) => Promise<string>;
    issue: (
      company: CompanyId,
      mail: Pick<StoredMail, 'mailId' | 'clientId' | 'contactId' | 'userId'> & { kind: LinkKind },
      secret: string,
      now: Date,
    ) => Write;
    seconds: Readonly<Record<LinkKind, number>>;
  };
  /** The installation's verified address. */
  from: string;
  /** Where the portal and the company's own pages are, without a slash at the end. */
  pages: { portal: string; staff: string };
}

/** Where the pages of a link are, behind the company's slug; the secret stands in the fragment, which no server is told. */
const paths: Readonly<Record<LinkKind, string>> = {
  invitation: 'invitation',
  'user-invitation': 'invitation',
  'password-reset': 'password-reset',
  'user-password-reset': 'password-reset',
};

const isLinkKind = (kind: MailKind): kind is LinkKind => Object.hasOwn(paths, kind);

/** Writes the mails of the outbox, of what is known at the moment of sending. */
export function letters({ recipients, textFor, links, from, pages }: LetterDeps) {
  /** Where the mail leads, with the write that makes its secret good. */
  async function linkOf(mail: StoredMail, slug: string, now: Date) {
    const { kind } = mail;
    if (!isLinkKind(kind)) return { portal: { link: `${pages.portal}/${slug}` }, writes: [] };
    const secret = await links.secretOf(mail.mailId);
    const base = kind.startsWith('user-') ? pages.staff : pages.portal;
    const expiresAt = new Date(now.getTime() + links.seconds[kind] * 1000).toISOString();
    const link = `${base}/${slug}/${paths[kind]}#${secret}`;
    return { portal: { link, expiresAt }, writes: [links.issue(mail.companyId, { ...mail, kind }, secret, now)] };
  }

  async function render(mail: StoredMail, recipient: Recipient, portal: MailRecords['portal'], now: Date) {
    const { company, sender, languages, groupId, signature, client, contact, user } = recipient;
    const { test } = mail;
    const key = TemplateKey.parse(test?.key ?? mail.kind);
    const wanted = {
      key,
      groupId: test?.groupId ?? groupId,
      languages: test ? [test.language, ...languages] : languages,
    };
    const { text, language } = await textFor(mail.companyId, wanted);
    const named = { company: { name: company.name, email: sender.replyTo } };
    // What nobody's data fills, a test shows by example.
    const records = test
      ? { ...sampleRecords(key, { now, currency: company.currency }), ...(client && { client, contact }), ...named }
      : { client, contact, user, portal, ...named };
    return renderMail({
      key,
      language,
      text: test?.text ?? text,
      variables: variablesFrom(records, { language, country: company.country, timezone: company.timezone }),
      frame: { companyName: sender.fromName ?? company.name, color: sender.color, signature },
    });
  }

  /** The mail as it goes out now, or why it does not. Three calls. */
  return async (mail: StoredMail, now: Date): Promise<Written> => {
    const recipient = await recipients.recipient(mail);
    const client = logOf(mail, recipient);
    if (!recipient) return { failure: 'no-recipient', client };
    const failure = objection(mail, recipient);
    if (failure) return { failure, client };
    const to = asciiAddress(recipient.address);
    if (to === undefined) return { failure: 'unsupported-address', client };
    const { company, sender, name } = recipient;
    const { portal, writes } = await linkOf(mail, company.slug, now);
    const rendered = await render(mail, recipient, portal, now);
    const raw = await mimeOf({
      from: { name: sender.fromName ?? company.name, address: from },
      to: { name, address: to },
      replyTo: sender.replyTo,
      ...rendered,
      date: now,
      // Machines that answer are asked not to.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    });
    const letter: Letter = { raw, from, to };
    return { letter, writes, client };
  };
}

/** In whose log the mail's fate belongs: that of its client, while there is one. */
function logOf({ clientId }: StoredMail, recipient: Recipient | undefined): ClientId | null {
  return clientId !== null && recipient?.client?.id === clientId ? clientId : null;
}

/** Why a mail is not to be sent although there is an address. */
function objection(
  { kind, mailId }: StoredMail,
  { contact, user, reset, suppressed }: Recipient,
): MailFailure | undefined {
  const waits: Partial<Record<MailKind, () => boolean>> = {
    invitation: () => contact?.invitation?.mailId === mailId,
    'user-invitation': () => user?.status === 'invited' && user.invitation?.mailId === mailId,
    'user-password-reset': () => user?.status === 'active' && reset === mailId,
  };
  if (waits[kind]?.() === false) return 'superseded';
  return suppressed ? 'suppressed' : undefined;
}
