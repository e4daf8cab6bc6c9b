import type { Company, User } from '../../accounts/schema.ts';
import type { StoredClient, StoredContact } from '../../clients/schema.ts';
import { fullName } from '../../shared/full-name.ts';
import { minorUnitDigits } from '../../shared/locale.ts';
import type { Money } from '../../shared/money.ts';
import { addressLines, formatCountry } from './address.ts';
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

/** The records that a mail's variables come from. The variables of a record that is left out are empty. */
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

/** The language and place that values are formatted for. */
interface MailLocale {
  language: string;
  /** The company's, ISO 3166-1 alpha-2. It completes a language without a region: Britain and America write dates differently. */
  country?: string | null | undefined;
  /** The company's, IANA. */
  timezone: string;
}

/** The locale of a language in a country, unless the language names a region itself. */
export function localeOf(language: string, country: string | null | undefined): string {
  const { region } = new Intl.Locale(language);
  return region === undefined && country ? `${new Intl.Locale(language, { region: country })}` : language;
}

/** The variables of a mail, with amounts, dates and times in the format of its language and country. */
export function formatVariables(records: MailRecords, { language, country, timezone }: MailLocale): Variables {
  const locale = localeOf(language, country);
  const { company, user, portal } = records;
  return {
    'company.name': company.name,
    'company.email': company.email ?? '',
    'user.name': user?.name ?? '',
    'user.email': user?.email ?? '',
    'portal.link': portal?.link ?? '',
    'portal.expires': portal?.expiresAt ? formatTime(portal.expiresAt, locale, timezone) : '',
    ...clientVariables(records, locale),
    ...contactVariables(records),
    ...invoiceVariables(records, locale),
    ...statementVariables(records, locale),
  };
}

function clientVariables({ client }: MailRecords, locale: string): Variables {
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
    'client.address': billingAddress ? addressLines(billingAddress, locale).join('\n') : '',
    'client.city': billingAddress?.city ?? '',
    'client.postal_code': billingAddress?.postalCode ?? '',
    'client.state': billingAddress?.state ?? '',
    'client.country': formatCountry(billingAddress?.country, locale),
    'client.balance': balances
      .map(({ balance, currency }) => formatMoney({ amount: balance, currency }, locale))
      .join(', '),
    'client.custom1': formatCustomValue(customFields.custom1),
    'client.custom2': formatCustomValue(customFields.custom2),
    'client.custom3': formatCustomValue(customFields.custom3),
    'client.custom4': formatCustomValue(customFields.custom4),
  };
}

function contactVariables({ contact, client }: MailRecords): Variables {
  if (!contact) return { 'contact.name': client?.displayName ?? '' };
  const { firstName, lastName, title, email, phone, username, customFields } = contact;
  return {
    'contact.name': fullName(contact) ?? (client?.displayName || (email ?? '')),
    'contact.first_name': firstName ?? '',
    'contact.last_name': lastName ?? '',
    'contact.title': title ?? '',
    'contact.email': email ?? '',
    'contact.phone': phone ?? '',
    'contact.username': username ?? email ?? '',
    'contact.custom1': formatCustomValue(customFields.custom1),
    'contact.custom2': formatCustomValue(customFields.custom2),
    'contact.custom3': formatCustomValue(customFields.custom3),
    'contact.custom4': formatCustomValue(customFields.custom4),
  };
}

function invoiceVariables({ invoice }: MailRecords, locale: string): Variables {
  if (!invoice) return {};
  const { number, issueDate, dueDate, totals, lateFee } = invoice;
  return {
    'invoice.number': number,
    'invoice.date': formatDay(issueDate, locale),
    'invoice.due_date': formatDay(dueDate, locale),
    'invoice.net': formatMoney(totals.net, locale),
    'invoice.tax': formatMoney(totals.tax, locale),
    'invoice.amount': formatMoney(totals.gross, locale),
    'invoice.paid': formatMoney(totals.paid, locale),
    'invoice.balance': formatMoney(totals.due, locale),
    'invoice.late_fee': lateFee ? formatMoney(lateFee, locale) : '',
  };
}

function statementVariables({ statement }: MailRecords, locale: string): Variables {
  if (!statement) return {};
  return {
    'statement.from': formatDay(statement.from, locale),
    'statement.to': formatDay(statement.to, locale),
    'statement.balance': formatMoney(statement.balance, locale),
  };
}

/** Formats an amount of minor units, exact at any size. */
export function formatMoney({ amount, currency }: Money, locale: string): string {
  const digits = minorUnitDigits(currency);
  const minor = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = minor.slice(0, minor.length - digits);
  const decimal = `${amount < 0 ? '-' : ''}${whole}.${minor.slice(minor.length - digits) || '0'}` as `${number}`;
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(decimal);
}

function formatDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day));
}

function formatTime(instant: string, locale: string, timezone: string): string {
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

const formatCustomValue = (value: string | number | boolean | undefined) =>
  value === undefined || value === false ? '' : value === true ? '✓' : String(value);
