import type { StoredClient, StoredContact } from '../clients/schema.ts';
import { foldForComparison } from '../shared/text.ts';
import { dialledDigits, phoneDigits, vatForms } from '../shared/written-numbers.ts';
import { fingerprint } from '../table/keys.ts';
import { phonesOf } from './phones.ts';

/** What is looked up as a whole, as query parameters of the list. */
export interface ExactValues {
  vatNumber?: string | undefined;
  phone?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * A look-up of a whole value. The postings of `word` are read, and those match whose client has `term`. A phone number and
 * a VAT number are words of the client already, so their terms need no postings; an entry of the metadata is a word of its
 * own.
 */
export interface ExactTerm {
  word: string;
  term: string;
}

/** The terms of a client that are no words: its VAT number with and without prefix, and its phone numbers. */
export function exactTerms(client: StoredClient, contacts: readonly StoredContact[]): string[] {
  const vat = client.vatNumber === null ? [] : Object.values(vatForms(client.vatNumber)).map(vatTerm);
  const phones = phonesOf(client, contacts).flatMap((phone) => Object.values(phoneDigits(phone)).map(phoneTerm));
  return [...new Set([...vat, ...phones])];
}

/** What the look-ups of a query require, those first that fewest clients meet. */
export function termsOfQuery({ vatNumber, phone, metadata }: ExactValues): ExactTerm[] {
  const vat = vatNumber === undefined ? undefined : vatForms(vatNumber).whole;
  const digits = phone === undefined ? undefined : dialledDigits(phone);
  return [
    ...(vat === undefined ? [] : [{ word: vat, term: vatTerm(vat) }]),
    ...(digits === undefined ? [] : [{ word: digits, term: phoneTerm(digits) }]),
    ...metadataTerms(metadata ?? {}).map((term) => ({ word: term, term })),
  ];
}

const vatTerm = (text: string) => `=v${text}`;
const phoneTerm = (digits: string) => `=p${digits}`;

/**
 * The entries of metadata as words: of fixed length, whatever the values, and with nothing personal. 96 bits of SHA-256 are
 * more than two entries of one company will ever share.
 */
export function metadataTerms(metadata: Readonly<Record<string, string>>): string[] {
  return Object.entries(metadata).map(
    ([key, value]) => `=${fingerprint(JSON.stringify([key, foldForComparison(value)])).slice(0, 16)}`,
  );
}
