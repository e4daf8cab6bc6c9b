import { domainToASCII } from 'node:url';
import * as z from 'zod';
import { Instant } from './text.ts';

const ADDRESS = /^([^\s@"<>(),;:\\[\]]{1,64})@([^\s@"<>(),;:\\[\]/?#%]{1,255})$/u;

function parts(address: string): { local: string; domain: string } | undefined {
  const [, local = '', unicodeDomain = ''] = ADDRESS.exec(address) ?? [];
  const domain = domainToASCII(unicodeDomain).replace(/\.$/, '');
  const wellFormed = local !== '' && /^[^.].*\.[^.]+$/.test(domain) && !domain.includes('..') && domain.length <= 253;
  const validLocal = !/\p{Cc}/u.test(local) && !local.startsWith('.') && !local.endsWith('.') && !local.includes('..');
  return wellFormed && validLocal ? { local, domain } : undefined;
}

/** An e-mail address, kept as it was given. Internationalised addresses are accepted. */
export const EmailAddress = z
  .string()
  .trim()
  .refine((address) => address.length <= 320, {
    error: 'Too long: 320 characters at most',
    params: { code: 'too-long' },
  })
  .refine((address) => address.length > 320 || parts(address) !== undefined, {
    error: 'must be an e-mail address',
    params: { code: 'wrong-format' },
  })
  .meta({ format: 'email', maxLength: 320, examples: ['ada@northwind.example'] });

const GMAIL = new Set(['gmail.com', 'googlemail.com']);

/**
 * The mailbox that an address reaches, as text to compare: case folded, with the domain in ASCII. Gmail ignores dots in the
 * local part, so they are removed there; with other providers a dot makes another mailbox.
 */
export function mailbox(address: string): string {
  const { local, domain } = parts(address) ?? { local: address, domain: '' };
  const name = local.normalize('NFC').toLowerCase();
  const host = domain.toLowerCase();
  return GMAIL.has(host) ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${host}`;
}

/** Whether an address accepts mail. */
export const EmailStatus = z
  .object({
    status: z.enum(['ok', 'bounced', 'complained']).describe('`bounced` and `complained` addresses get no more mail.'),
    since: Instant.nullable().describe('When the address bounced or complained; null if the status is `ok`.'),
  })
  .meta({ id: 'EmailStatus' });
export type EmailStatus = z.output<typeof EmailStatus>;

/** The status of an address with no bounce and no complaint. */
export const REACHABLE: EmailStatus = { status: 'ok', since: null };
