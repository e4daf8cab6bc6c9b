import type { Letterhead } from '../../settings/letterhead-schema.ts';
import { addressLines } from './address.ts';

/** A piece of the foot of a mail, with the address that it leads to, if it is a link. */
export interface FooterPart {
  text: string;
  href?: string;
}

/** How a VAT number is introduced. */
const VAT: Readonly<Record<string, string>> = { en: 'VAT', fr: 'TVA', de: 'USt-IdNr.', es: 'NIF-IVA' };

/**
 * The foot of a mail: the company's name, its postal address, how to reach it and its VAT number, each a line of parts. Empty
 * if the company has set none of them.
 */
export function footerLines(letterhead: Letterhead, companyName: string, locale: string): FooterPart[][] {
  const { legalName, address, vatNumber, phone, email, website } = letterhead;
  const contact: FooterPart[] = [
    ...(phone === null ? [] : [{ text: phone }]),
    ...(email === null ? [] : [{ text: email, href: `mailto:${encodeURIComponent(email).replace('%40', '@')}` }]),
    ...(website === null ? [] : [{ text: displayedWebsite(website), href: website }]),
  ];
  const lines: FooterPart[][] = [
    address === null ? [] : [{ text: addressLines(address, locale).join(', ') }].filter(({ text }) => text !== ''),
    contact,
    vatNumber === null ? [] : [{ text: `${VAT[new Intl.Locale(locale).language] ?? 'VAT'} ${vatNumber}` }],
  ];
  const filled = lines.filter((line) => line.length > 0);
  return filled.length === 0 && legalName === null ? [] : [[{ text: legalName ?? companyName }], ...filled];
}

/** Without what nobody reads: the scheme, and the slash at the end. */
const displayedWebsite = (website: string) => website.replace(/^https?:\/\//i, '').replace(/\/$/, '');
