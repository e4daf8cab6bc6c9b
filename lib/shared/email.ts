import { domainToASCII } from 'node:url';
import * as z from 'zod';
import { atMost, foldForComparison, Instant, notHiddenInName, textCheck, wellFormed } from './text.ts';

const ADDRESS = /^([^\s@"<>(),;:\\[\]]{1,64})@([^\s@"<>(),;:\\[\]/?#%]{1,255})$/u;
/** Control characters, and those that are not visible or change the reading direction. */
const HIDDEN = /[\p{Cc}\p{Cf}]/u;

/** The domain in ASCII, without a dot at its end; empty if it is no domain. */
function asciiDomain(domain: string): string {
  const ascii = domainToASCII(domain);
  return ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
}

function isAddress(address: string): boolean {
  const [, local = '', unicodeDomain = ''] = ADDRESS.exec(address) ?? [];
  return isLocalPart(local) && isMailDomain(asciiDomain(unicodeDomain));
}

/** Whether the text has dots between its parts only. */
const hasParts = (text: string) => !text.startsWith('.') && !text.endsWith('.') && !text.includes('..');

function isLocalPart(local: string): boolean {
  return hasParts(local) && !HIDDEN.test(local) && foldForComparison(local) !== '';
}

function isMailDomain(domain: string): boolean {
  return hasParts(domain) && domain.includes('.') && domain.length <= 253;
}

/** An e-mail address, kept as it was given. Internationalised addresses are accepted. */
export const EmailAddress = z
  .string()
  .check(
    atMost(320),
    z.trim(),
    wellFormed,
    notHiddenInName,
    textCheck(isAddress, 'wrong-format', 'must be an e-mail address'),
  )
  .meta({ format: 'email', maxLength: 320, examples: ['ada@northwind.example'] });

const GMAIL = new Set(['gmail.com', 'googlemail.com']);

/**
 * The mailbox that an address reaches, as text to compare: folded, with the domain in ASCII. Gmail ignores dots in the
 * local part, so they are removed there; with other providers a dot makes another mailbox.
 */
export function mailbox(address: string): string {
  const at = address.lastIndexOf('@');
  const host = at < 0 ? '' : asciiDomain(address.slice(at + 1)).toLowerCase();
  const name = foldForComparison(host === '' ? address : address.slice(0, at));
  return GMAIL.has(host) ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${host}`;
}

/** Whether an address accepts mail. */
export const EmailStatus = z
  .object({
    status: z.enum(['ok', 'bounced', 'complained']).describe('`bounced` and `complained` addresses get no more mail.'),
    since: Instant.nullable().describe('When the address bounced or complained; null if the status is `ok`.'),
  })
  .meta({ id: 'EmailStatus', description: 'Whether the e-mail address accepts mail.' });
export type EmailStatus = z.output<typeof EmailStatus>;

/** The status of an address with no bounce and no complaint. */
export const REACHABLE: EmailStatus = { status: 'ok', since: null };
