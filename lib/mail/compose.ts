import type { StoredInvoice } from '../billing/invoices/schema.ts';
import type { ReadLogo } from '../logo/reader.ts';
import { EMPTY_LETTERHEAD } from '../settings/letterhead-schema.ts';
import type { ClientId, CompanyId, GroupId, LogoId, MailId } from '../shared/ids.ts';
import type { Write } from '../table/transaction.ts';
import { hasOneTimeLink, type LinkPurpose, mailKinds, TemplateKey } from './kinds.ts';
import { asciiAddress, buildMime, type InlinePicture } from './mime.ts';
import type { Recipient, RecipientRepository } from './recipient-repository.ts';
import { frameOf } from './rendering/company-frame.ts';
import type { FrameLogo } from './rendering/frame.ts';
import { renderMail } from './rendering/render.ts';
import { formatVariables, localeOf, type MailRecords } from './rendering/values.ts';
import type { MailFailure, StoredMail } from './schema.ts';
import type { Composition } from './sender.ts';
import { sampleRecords } from './templates/sample.ts';
import type { TemplateText } from './templates/schema.ts';
import { builtInTextIn, usableText } from './templates/usable-text.ts';

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
  readLogo: ReadLogo;
  /** Is called for each mail that goes without its logo, with the name and the message of the error. */
  reportUnreadableLogo: (problem: { mailId: MailId; logoId: LogoId; reason: string }) => void;
  /** The installation's verified address; undefined if no mail is to be sent. */
  from: string | undefined;
  /** The base URLs of the client portal and of the company's own pages, without a slash at the end. */
  pages: { portal: string; staff: string };
}

/** A logo in the frame of a mail, and the picture that it shows. */
interface InlineLogo {
  frame: FrameLogo;
  picture: InlinePicture;
}

/** Composes mails of the outbox from the records as they are at the time of sending. */
export function mailComposer({ recipients, getText, links, readLogo, reportUnreadableLogo, from, pages }: ComposeDeps) {
  const portalPage = ({ invoiceId }: StoredMail, slug: string) =>
    `${pages.portal}/${slug}${invoiceId === undefined ? '' : `/invoices/${invoiceId}`}`;

  /** The link of the mail, with the write that makes it valid. Its secret is in the fragment, which browsers do not send. */
  async function createLink(mail: StoredMail, slug: string, now: Date) {
    const { kind } = mail;
    if (!hasOneTimeLink(kind)) return { portal: { link: portalPage(mail, slug) }, writes: [] };
    const { recipient, oneTimeLink } = mailKinds[kind];
    const base = recipient === 'user' ? pages.staff : pages.portal;
    const secret = await links.secretOf(mail.mailId);
    const expiresAt = new Date(now.getTime() + oneTimeLink.seconds * 1000).toISOString();
    const link = `${base}/${slug}/${oneTimeLink.page}#${secret}`;
    return { portal: { link, expiresAt }, writes: [links.issue(mail.companyId, { ...mail, kind }, secret, now)] };
  }

  /** The logo as a picture of the mail. A mail whose logo cannot be read has the name of the company: it must not wait. */
  async function createLogo({ mailId, companyId }: StoredMail, { logo }: Recipient): Promise<InlineLogo | undefined> {
    if (!logo?.picture) return undefined;
    const { contentType, width, height, versionId } = logo.picture;
    try {
      const bytes = await readLogo({ company: companyId, id: logo.id }, versionId);
      const contentId = `${logo.id}@clientele`;
      return {
        frame: { src: `cid:${contentId}`, width, height },
        picture: { contentId, fileName: contentType.replace('image/', 'logo.'), contentType, bytes },
      };
    } catch (error) {
      const { name, message } = Object(error);
      reportUnreadableLogo({ mailId, logoId: logo.id, reason: `${name}: ${message}` });
      return undefined;
    }
  }

  async function render(mail: StoredMail, recipient: Recipient, portal: MailRecords['portal'], now: Date) {
    const { company, sender, letterhead, languages, groupId, signature, client, contact, user } = recipient;
    const invoice = recipient.invoice && invoiceRecord(recipient.invoice);
    const { test } = mail;
    const key = TemplateKey.parse(test?.key ?? mail.kind);
    const wanted = test ? [test.language, ...languages] : languages;
    const saved = await getText(mail.companyId, { key, groupId: test?.groupId ?? groupId, languages: wanted });
    const { text, language } = isTrusted(recipient)
      ? usableText(key, { ...saved, text: test?.text ?? saved.text }, wanted)
      : builtInTextIn(key, wanted);
    const companyRecord = { name: company.name, email: sender.replyTo };
    const records = test
      ? {
          ...sampleRecords(key, { now, currency: company.currency }),
          ...(client && { client, contact }),
          company: companyRecord,
        }
      : { client, contact, user, portal, invoice, company: companyRecord };
    const logo = await createLogo(mail, recipient);
    const look = { company, sender, letterhead, signature, logo: logo?.frame };
    const rendered = renderMail({
      language,
      text,
      variables: formatVariables(records, { language, country: company.country, timezone: company.timezone }),
      frame: frameOf(key, { ...look, locale: localeOf(language, company.country) }),
    });
    return { ...rendered, picture: logo?.picture };
  }

  /** The mail as it is sent now, or the reason why it cannot be sent. Three calls, and one of S3 for a new logo. */
  return async (mail: StoredMail, now: Date): Promise<Composition> => {
    const found = await recipients.findRecipient(mail);
    const client = clientOfLog(mail, found);
    if (!found) return { failure: 'no-recipient', client };
    if (from === undefined) return { failure: 'no-sender', client };
    const recipient = isTrusted(found) ? found : withoutOwnWords(found);
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

function invoiceRecord(invoice: StoredInvoice): NonNullable<MailRecords['invoice']> {
  const { issueDate, dueDate, currency, net, tax, gross, paid, credited, due } = invoice;
  const money = (amount: number) => ({ amount, currency });
  const totals = {
    net: money(net),
    tax: money(tax),
    gross: money(gross),
    paid: money(paid + credited),
    due: money(due),
  };
  return { number: invoice.number ?? '', issueDate, dueDate, totals };
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
  // Each of these links serves until one of them has verified the address.
  'user-email-verification': ({ company }) => company.mailVerifiedAt === null,
  // Nothing asks for this mail yet.
  'password-reset': () => true,
};

/** Whether what the company wrote itself may stand in its mails. Its owner may have signed up with anybody's address. */
const isTrusted = ({ company }: Recipient) => company.mailVerifiedAt !== null;

function withoutOwnWords(recipient: Recipient): Recipient {
  const sender = { ...recipient.sender, fromName: null, replyTo: null };
  return { ...recipient, sender, letterhead: EMPTY_LETTERHEAD, logo: undefined, signature: '' };
}

/** What a company sends before the address of its owner is verified: mails that verify it, to an owner. */
function isVerification({ kind }: StoredMail, { user }: Recipient): boolean {
  return user?.role === 'owner' && (kind === 'user-email-verification' || kind === 'user-password-reset');
}

/** Why a mail must not be sent although its recipient has an address. */
function findFailure(mail: StoredMail, recipient: Recipient): MailFailure | undefined {
  const { kind, mailId } = mail;
  // The operation that queued the mail has checked this. A mail that was queued by an earlier version was not.
  if (!isTrusted(recipient) && !isVerification(mail, recipient)) return 'unverified';
  if (hasOneTimeLink(kind) && !isCurrent[kind](recipient, mailId)) return 'superseded';
  if (mail.invoiceId !== undefined && (recipient.invoice?.status ?? 'cancelled') === 'cancelled') return 'superseded';
  return recipient.isSuppressed ? 'suppressed' : undefined;
}
