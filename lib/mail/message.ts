import { domainToASCII } from 'node:url';
import MimeNode from 'nodemailer/lib/mime-node';

/** What becomes a mail: names and texts as people wrote them. */
export interface Message {
  from: { name: string; address: string };
  to: { name: string; address: string };
  replyTo: string | null;
  subject: string;
  html: string;
  text: string;
  date: Date;
  /** Further headers, of our own making. */
  headers: Readonly<Record<string, string>>;
}

/** Control characters and what else breaks lines: in a header they would begin another one. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
/** Characters of a name or a subject: a header has its limits, and nobody reads more. */
const LONGEST = 300;

/** The message in MIME, with its text in HTML and plain. Names and subject are encoded, domains in ASCII. */
export async function mimeOf({ from, to, replyTo, subject, html, text, date, headers }: Message): Promise<Uint8Array> {
  const root = new MimeNode('multipart/alternative', {
    // Nothing of a mail is ever read from a file or an address that a text names.
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
  });
  root.addHeader({ ...headers });
  root.setHeader('From', mailboxOf(from));
  root.setHeader('To', mailboxOf(to));
  if (replyTo !== null) root.setHeader('Reply-To', mailboxOf({ name: '', address: replyTo }));
  root.setHeader('Subject', oneLine(subject));
  root.setHeader('Date', date.toUTCString().replace('GMT', '+0000'));
  root.createChild('text/plain').setContent(text);
  root.createChild('text/html').setContent(html);
  return root.build();
}

/**
 * The address as SES takes it: domain in ASCII. Undefined where it takes none such: before the @ it knows ASCII only.
 */
export function asciiAddress(address: string): string | undefined {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), domainToASCII(address.slice(at + 1))];
  return /^[\x21-\x7e]+$/.test(local) && domain !== '' ? `${local}@${domain}` : undefined;
}

function mailboxOf({ name, address }: { name: string; address: string }) {
  return { name: oneLine(name), address: asciiAddress(address) ?? address };
}

/** What looks like an encoded word is none of ours: a joiner between its first two characters keeps it the text that it is. */
function oneLine(text: string): string {
  const line = text.replace(BREAKS, ' ').replaceAll('=?', '=\u2060?').trim().toWellFormed();
  return [...line].slice(0, LONGEST).join('');
}
