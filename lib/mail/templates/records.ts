import type { Company, User } from '../../accounts/schema.ts';
import type { Address, StoredClient, StoredContact } from '../../clients/schema.ts';
import { minorUnitDigits } from '../../shared/locale.ts';
import type { Money } from '../../shared/money.ts';
import type { Variables } from './variables.ts';

type MailClient = Pick<
  StoredClient,
  | 'id'
  | 'number'
  | 'idNumber'
  | 'displayName'
  | 'vatNumber'
  | 'website'
  | 'phones'
  | 'publicNotes'
  | 'billingAddress'
  | 'balances'
  | 'customFields'
>;
type MailContact = Pick<
  StoredContact,
  'firstName' | 'lastName' | 'title' | 'email' | 'phone' | 'username' | 'customFields'
>;

/** What a mail is about; what is left out is nothing in it. */
export interface MailRecords {
  company: Pick<Company, 'name'> & { email?: string | null | undefined };
  client?: MailClient | undefined;
  contact?: MailContact | undefined;
  user?: Pick<User, 'name' | 'email'> | undefined;
  portal?: { link: string; expiresAt?: string | undefined } | undefined;
  /** Days as `YYYY-MM-DD`. */
  invoice?:
    | {
        number: string;
        issueDate: string;
        dueDate: string;
        totals: { net: Money; tax: Money; gross: Money; paid: Money; due: Money };
        lateFee?: Money | undefined;
      }
    | undefined;
  statement?: { from: string; to: string; balance: Money } | undefined;
}

/** How values are written. */
export interface MailLocale {
  language: string;
  /** Of the company: ISO 3166-1 alpha-2, for a language that names no country. English days are written in many ways. */
  country?: string | null | undefined;
  /** IANA, of the company. */
  timezone: string;
}

/** The variables of a mail, with amounts, days and times as its language and country write them. */
export function variablesFrom(records: MailRecords, { language, country, timezone }: MailLocale): Variables {
  const own = new Intl.Locale(language);
  const locale = own.region === undefined && country ? `${new Intl.Locale(language, { region: country })}` : language;
  const { company, user, portal } = records;
  return {
    'company.name': company.name,
    'company.email': company.email ?? '',
    'user.name': user?.name ?? '',
    'user.email': user?.email ?? '',
    'portal.link': portal?.link ?? '',
    'portal.expires': portal?.expiresAt ? timeIn(portal.expiresAt, locale, timezone) : '',
    ...ofClient(records, locale),
    ...ofContact(records),
    ...ofInvoice(records, locale),
    ...ofStatement(records, locale),
  };
}

function ofClient({ client }: MailRecords, locale: string): Variables {
  if (!client) return {};
  const { billingAddress, balances, customFields, phones } = client;
  return {
    'client.id': client.id,
    'client.number': client.number,
    'client.id_number': client.idNumber ?? '',
    'client.name': client.displayName,
    'client.vat_number': client.vatNumber ?? '',
    'client.website': client.website ?? '',
    'client.phone': phones.find(({ kind }) => kind === 'phone')?.number ?? '',
    'client.public_notes': client.publicNotes,
    'client.address': billingAddress ? linesOf(billingAddress, locale) : '',
    'client.city': billingAddress?.city ?? '',
    'client.postal_code': billingAddress?.postalCode ?? '',
    'client.state': billingAddress?.state ?? '',
    'client.country': countryIn(billingAddress?.country, locale),
    'client.balance': balances
      .map(({ balance, currency }) => moneyIn({ amount: balance, currency }, locale))
      .join(', '),
    'client.custom1': customText(customFields.custom1),
    'client.custom2': customText(customFields.custom2),
    'client.custom3': customText(customFields.custom3),
    'client.custom4': customText(customFields.custom4),
  };
}

function ofContact({ contact, client }: MailRecords): Variables {
  if (!contact) return { 'contact.name': client?.displayName ?? '' };
  const { firstName, lastName, title, email, phone, username, customFields } = contact;
  const fullName = [firstName, lastName].filter((part) => part !== null && part !== '').join(' ');
  return {
    'contact.name': fullName || client?.displayName || (email ?? ''),
    'contact.first_name': firstName ?? '',
    'contact.last_name': lastName ?? '',
    'contact.title': title ?? '',
    'contact.email': email ?? '',
    'contact.phone': phone ?? '',
    'contact.username': username ?? email ?? '',
    'contact.custom1': customText(customFields.custom1),
    'contact.custom2': customText(customFields.custom2),
    'contact.custom3': customText(customFields.custom3),
    'contact.custom4': customText(customFields.custom4),
  };
}

function ofInvoice({ invoice }: MailRecords, locale: string): Variables {
  if (!invoice) return {};
  const { number, issueDate, dueDate, totals, lateFee } = invoice;
  return {
    'invoice.number': number,
    'invoice.date': dayIn(issueDate, locale),
    'invoice.due_date': dayIn(dueDate, locale),
    'invoice.net': moneyIn(totals.net, locale),
    'invoice.tax': moneyIn(totals.tax, locale),
    'invoice.amount': moneyIn(totals.gross, locale),
    'invoice.paid': moneyIn(totals.paid, locale),
    'invoice.balance': moneyIn(totals.due, locale),
    'invoice.late_fee': lateFee ? moneyIn(lateFee, locale) : '',
  };
}

function ofStatement({ statement }: MailRecords, locale: string): Variables {
  if (!statement) return {};
  return {
    'statement.from': dayIn(statement.from, locale),
    'statement.to': dayIn(statement.to, locale),
    'statement.balance': moneyIn(statement.balance, locale),
  };
}

/** An amount of minor units as the language writes it, exact however large. */
export function moneyIn({ amount, currency }: Money, locale: string): string {
  const digits = minorUnitDigits(currency);
  const minor = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = minor.slice(0, minor.length - digits);
  const decimal = `${amount < 0 ? '-' : ''}${whole}.${minor.slice(minor.length - digits) || '0'}` as `${number}`;
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(decimal);
}

function dayIn(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day));
}

function timeIn(instant: string, locale: string, timezone: string): string {
  const format = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone: timezone,
  });
  return format.format(new Date(instant));
}

function countryIn(code: string | null | undefined, locale: string): string {
  return code ? (new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code) : '';
}

function linesOf({ attention, line1, line2, postalCode, city, state, country }: Address, locale: string): string {
  const place = [postalCode, city].filter(Boolean).join(' ');
  return [attention, line1, line2, place, state, countryIn(country, locale)].filter(Boolean).join('\n');
}

const customText = (value: string | number | boolean | undefined) =>
  value === undefined || value === false ? '' : value === true ? '✓' : String(value);
