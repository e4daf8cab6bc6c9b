import type { ClientId, CompanyId, GroupId, MailId } from '../shared/ids.ts';
import type { Write } from '../table/transaction.ts';
import { hasOneTimeLink, type LinkPurpose, mailKinds, TemplateKey } from './kinds.ts';
import { asciiAddress, buildMime } from './mime.ts';
import type { Recipient, RecipientRepository } from './recipient-repository.ts';
import { renderMail } from './rendering/render.ts';
import { formatVariables, type MailRecords } from './rendering/values.ts';
import type { MailFailure, StoredMail } from './schema.ts';
import type { Composition } from './sender.ts';
import { sampleRecords } from './templates/sample.ts';
import type { TemplateText } from './templates/schema.ts';

interface ComposeDeps {
  recipients: RecipientRepository;
  /** The text of a company's mail in the first of the languages that has one, with that language. */
  getText: (
    company: CompanyId,
    query: { key: TemplateKey; groupId: GroupId; languages: readonly string[] },
  ) => Promise<{ text: TemplateText; language: string }>;
  links: {
    secretOf: (mail: MailId) => Promise<string>;
    issue: (
      company: CompanyId,
      mail: Pick<StoredMail, 'mailId' | 'clientId' | 'contactId' | 'userId'> & { kind: LinkPurpose },
      secret: string,
      now: Date,
    ) => Write;
  };
  /** The installation's verified address. */
  from: string;
  /** The base URLs of the client portal and of the company's own pages, without a slash at the end. */
  pages: { portal: string; staff: string };
}

/** Composes mails of the outbox from the records as they are at the time of sending. */
export function mailComposer({ recipients, getText, links, from, pages }: ComposeDeps) {
  /** The link of the mail, with the write that makes it valid. Its secret is in the fragment, which browsers do not send. */
  async function createLink(mail: StoredMail, slug: string, now: Date) {
    const { kind } = mail;
    if (!hasOneTimeLink(kind)) return { portal: { link: `${pages.portal}/${slug}` }, writes: [] };
    const { recipient, oneTimeLink } = mailKinds[kind];
    const base = recipient === 'user' ? pages.staff : pages.portal;
    const secret = await links.secretOf(mail.mailId);
    const expiresAt = new Date(now.getTime() + oneTimeLink.seconds * 1000).toISOString();
    const link = `${base}/${slug}/${oneTimeLink.page}#${secret}`;
    return { portal: { link, expiresAt }, writes: [links.issue(mail.companyId, { ...mail, kind }, secret, now)] };
  }

  async function render(mail: StoredMail, recipient: Recipient, portal: MailRecords['portal'], now: Date) {
    const { company, sender, languages, groupId, signature, client, contact, user } = recipient;
    const { test } = mail;
    const key = TemplateKey.parse(test?.key ?? mail.kind);
    const { text, language } = await getText(mail.companyId, {
      key,
      groupId: test?.groupId ?? groupId,
      languages: test ? [test.language, ...languages] : languages,
    });
    const companyRecord = { name: company.name, email: sender.replyTo };
    const records = test
      ? {
          ...sampleRecords(key, { now, currency: company.currency }),
          ...(client && { client, contact }),
          company: companyRecord,
        }
      : { client, contact, user, portal, company: companyRecord };
    return renderMail({
      language,
      text: test?.text ?? text,
      variables: formatVariables(records, { language, country: company.country, timezone: company.timezone }),
      frame: { companyName: sender.fromName ?? company.name, color: sender.color, signature },
    });
  }

  /** The mail as it is sent now, or the reason why it cannot be sent. Three calls. */
  return async (mail: StoredMail, now: Date): Promise<Composition> => {
    const recipient = await recipients.findRecipient(mail);
    const client = clientOfLog(mail, recipient);
    if (!recipient) return { failure: 'no-recipient', client };
    const failure = findFailure(mail, recipient);
    if (failure) return { failure, client };
    const to = asciiAddress(recipient.address);
    if (to === undefined) return { failure: 'unsupported-address', client };
    const { company, sender, name } = recipient;
    const { portal, writes } = await createLink(mail, company.slug, now);
    const raw = await buildMime({
      from: { name: sender.fromName ?? company.name, address: from },
      to: { name, address: to },
      replyTo: sender.replyTo,
      ...(await render(mail, recipient, portal, now)),
      date: now,
      // Asks programs not to answer automatically.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    });
    return { message: { raw, from, to }, writes, client };
  };
}

/** The client whose system log the mail belongs to; null, for the company's log, if it was deleted or there is none. */
function clientOfLog({ clientId }: StoredMail, recipient: Recipient | undefined): ClientId | null {
  return clientId !== null && recipient?.client?.id === clientId ? clientId : null;
}

/** Whether the one-time link of a mail still counts: the recipient's record names the newest mail, until its link is used. */
const isCurrent: Readonly<Record<LinkPurpose, (recipient: Recipient, mailId: MailId) => boolean>> = {
  invitation: ({ contact }, mailId) => contact?.invitation?.mailId === mailId,
  'user-invitation': ({ user }, mailId) => user?.status === 'invited' && user.invitation?.mailId === mailId,
  'user-password-reset': ({ user, resetMailId }, mailId) => user?.status === 'active' && resetMailId === mailId,
  // Nothing asks for this mail yet.
  'password-reset': () => true,
};

/** Why a mail must not be sent although its recipient has an address. */
function findFailure({ kind, mailId }: StoredMail, recipient: Recipient): MailFailure | undefined {
  if (hasOneTimeLink(kind) && !isCurrent[kind](recipient, mailId)) return 'superseded';
  return recipient.isSuppressed ? 'suppressed' : undefined;
}
