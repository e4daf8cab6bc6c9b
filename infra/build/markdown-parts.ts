import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * What markdown-it imports for rules that mails do without, or that Node has itself. Stands for `linkify-it`, `entities`,
 * `mdurl` and `punycode.js` in the bundles: together they are as large as the rest of it.
 */
export class LinkifyIt {}

/** In an address that was copied out of HTML an ampersand is written so. */
export function decodeHTMLStrict(text: string): string {
  return text.replaceAll('&amp;', '&');
}

/** Of `mdurl`; lib/mail/templates makes its links itself. */
export const encode = encodeURI;
export const decode = decodeURI;
export const format = String;
export const parse = (text: string) => URL.parse(text);

export default { toASCII: domainToASCII, toUnicode: domainToUnicode };
