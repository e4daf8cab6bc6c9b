import { domainToASCII } from 'node:url';
import MailComposer from 'nodemailer/lib/mail-composer';

/** A picture inside a mail. */
export interface InlinePicture {
  /** Of the form `a@b`, in ASCII. */
  contentId: string;
  fileName: string;
  contentType: string;
  bytes: Uint8Array;
}

/** The parts of a MIME message, with names and texts as people wrote them. */
export interface MimeParts {
  from: { name: string; address: string };
  to: { name: string; address: string };
  replyTo: string | null;
  subject: string;
  html: string;
  text: string;
  /** A picture that the HTML shows from `cid:` and its content id. */
  picture?: InlinePicture | undefined;
  date: Date;
  /** Further headers, which no user input reaches. */
  headers: Readonly<Record<string, string>>;
}

/** Control characters and line separators: in a header they would begin another one. */
const LINE_BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
/** Characters of a name or a subject, which a header can hold. */
const MAX_LENGTH = 300;

/**
 * Builds the MIME message, with HTML and plain text as alternatives. The picture is related to the HTML, so that mail
 * programs show it in its place. Names and subject are encoded, domains in ASCII.
 */
export function buildMime({
  from,
  to,
  replyTo,
  subject,
  html,
  text,
  picture,
  date,
  headers,
}: MimeParts): Promise<Uint8Array> {
  const mail = new MailComposer({
    from: toMailbox(from),
    to: toMailbox(to),
    ...(replyTo !== null && { replyTo: toMailbox({ name: '', address: replyTo }) }),
    subject: toHeaderText(subject),
    text,
    html,
    ...(picture && { attachments: [toAttachment(picture)] }),
    date,
    headers: { ...headers },
    newline: 'windows',
    // A mail includes no file and no address that its text names.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return mail.compile().build();
}

const toAttachment = ({ contentId, fileName, contentType, bytes }: InlinePicture) => ({
  cid: contentId,
  filename: fileName,
  contentType,
  contentDisposition: 'inline' as const,
  content: Buffer.from(bytes),
});

/** The address as SES accepts it, with the domain in ASCII; undefined if the part before the @ is not ASCII. */
export function asciiAddress(address: string): string | undefined {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), domainToASCII(address.slice(at + 1))];
  return /^[\x21-\x7e]+$/.test(local) && domain !== '' ? `${local}@${domain}` : undefined;
}

function toMailbox({ name, address }: { name: string; address: string }) {
  return { name: toHeaderText(name), address: asciiAddress(address) ?? address };
}

/** One line of text. A joiner inside `=?` keeps text that looks like an encoded word from being decoded as one. */
function toHeaderText(text: string): string {
  const line = text.replace(LINE_BREAKS, ' ').replaceAll('=?', '=\u2060?').trim().toWellFormed();
  return [...line].slice(0, MAX_LENGTH).join('');
}
