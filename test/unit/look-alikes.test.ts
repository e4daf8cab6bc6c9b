import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Company, User } from '../../lib/accounts/schema.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import { Sender } from '../../lib/settings/schema.ts';
import { EmailAddress, mailbox } from '../../lib/shared/email.ts';
import { CompanyId, mintId } from '../../lib/shared/ids.ts';
import { foldForComparison, identifier, senderName, word } from '../../lib/shared/text.ts';
import { usernameKey } from '../../lib/shared/username.ts';
import { facetName, keys } from '../../lib/table/keys.ts';

const company = mintId(CompanyId, 'co', { now: () => new Date(0), random: (bytes) => new Uint8Array(bytes) });

/** Spellings of `Café-1` that look alike. */
const ALIKE = [
  'Café-1',
  'Cafe\u0301-1',
  'CAFÉ-1',
  'Ｃafé-1',
  'Ca\u200bfé-1',
  'Ca\u00adfé-1',
  '\u202eCafé-1\u202c',
  'Caf\u2060é-1\ufe0f',
  'Cafe\u200d\u0301-1',
  '\ufeffCafé-1 ',
];

const distinct = (values: readonly string[]) => new Set(values).size;

describe('values that look alike', () => {
  it.each<[string, (text: string) => string]>([
    ['numbers of clients', (text) => keys.clientNumber(company, text).PK],
    ['numbers in another system', (text) => keys.clientIdNumber(company, text).PK],
    ['usernames', (text) => keys.contactUsername(company, usernameKey(text)).PK],
    ['local parts of addresses', (text) => keys.contactEmail(company, mailbox(`${text.trim()}@x.example`)).PK],
    ['tags', (text) => facetName('tag', text)],
  ])('have one guard: %s', (_, guardOf) => {
    expect(distinct(ALIKE.map(guardOf))).toBe(1);
    expect(distinct(['Café-1', 'Cafe-1', 'Café-2', 'Café1'].map(guardOf))).toBe(4);
  });

  it('are one tag', () => {
    expect(ClientInput.parse({ name: 'A', tags: ['Food', 'food', 'FOOD\u200b', 'Drink'] }).tags).toEqual([
      'Food',
      'Drink',
    ]);
  });

  it('fold to the same text again, however often they are folded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(foldForComparison(foldForComparison(text))).toBe(foldForComparison(text));
      }),
    );
  });

  it.each([
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['Straße', 'STRAẞE'],
    ['①', '1'],
  ])('%s is %s', (one, other) => {
    expect(foldForComparison(one)).toBe(foldForComparison(other));
  });
});

const HIDDEN = ['\u200b', '\u200e', '\u202e', '\u2066', '\u00ad', '\ufeff', '\u{e0041}'];
const JOINERS = ['\u200c', '\u200d'];

const codes = (result: { success: boolean; error?: { issues: readonly object[] } | undefined }) =>
  result.error?.issues.map((issue) => ('params' in issue ? Object(issue.params).code : undefined)) ?? [];

describe('hidden characters', () => {
  it.each([...HIDDEN, ...JOINERS])('%j is refused in numbers, usernames and local parts', (hidden) => {
    const text = `A${hidden}1`;
    expect(codes(identifier(64).safeParse(text))).toEqual(['hidden-character']);
    expect(codes(word(64).safeParse(text))).toEqual(['hidden-character']);
    expect(EmailAddress.safeParse(`${text}@x.example`).success).toBe(false);
    for (const field of ['number', 'idNumber', 'vatNumber'])
      expect(codes(ClientInput.safeParse({ name: 'A', [field]: text }))).toEqual(['hidden-character']);
    expect(codes(ClientInput.safeParse({ contacts: [{ firstName: 'A', username: text }] }))).toEqual([
      'hidden-character',
    ]);
  });

  it.each(['\u200b', '\u3164', '\ufe0f', '\u2800'])('a value that has only %j is refused', (blank) => {
    expect(identifier(64).safeParse(blank).success).toBe(false);
    expect(EmailAddress.safeParse(`${blank}@x.example`).success && blank !== '\u2800').toBe(false);
    expect(ClientInput.safeParse({ name: blank }).success).toBe(false);
  });

  it('names of people keep the joiners of their script', () => {
    for (const name of ['مهدی‌زاده', 'ක්‍රිෂාන්']) {
      expect(ClientInput.parse({ contacts: [{ lastName: name }] }).contacts[0]?.lastName).toBe(name);
      expect(User.shape.name.parse(name)).toBe(name);
    }
  });
});

describe('names that mails come from', () => {
  it.each([
    'a@b',
    'Ada <ada@evil.example>',
    'evil.example',
    'PayPal: https://x',
    'www.evil',
    'see evil.example/login',
    'evil．example',
    'evil.\u200dexample',
    'ＷＷＷ.evil',
    'пример.рф',
  ])('%j is refused, because it is or has an address', (name) => {
    for (const schema of [Company.shape.name, User.shape.name, Sender.shape.fromName])
      expect(codes(schema.safeParse(name))).toEqual(['contains-address']);
  });

  it.each([...HIDDEN])('%j is refused', (hidden) => {
    expect(codes(senderName(100).safeParse(`Pay${hidden}Pal`))).toEqual(['hidden-character']);
  });

  it.each(['a\nb', 'a\u0000b', 'a\u2028b', ''])('%j is refused, because it is not one line', (name) => {
    expect(senderName(100).safeParse(name).success).toBe(false);
  });

  it.each([
    'Northwind Studio',
    'J.P. Morgan & Co.',
    'St. Gallen AG',
    'Müller & Söhne GmbH',
    'No. 7',
    'A.B.C',
    'Yahoo!',
    '1: 2',
    '東京',
  ])('%j is accepted', (name) => {
    expect(senderName(100).parse(name)).toBe(name);
  });
});

describe('the website of a client', () => {
  const website = (address: string) => ClientInput.safeParse({ name: 'A', website: address });

  it.each([
    'https://user:secret@x.example',
    'https://user@x.example',
    'user:secret@x.example',
    'http://:secret@x.example',
  ])('%s is refused, because it has credentials', (address) => {
    expect(codes(website(address))).toEqual(['credentials']);
  });

  it.each(['javascript://x', 'ftp://x.example', 'data:text/html,x', 'https://'])('%s is refused', (address) => {
    expect(website(address).success).toBe(false);
  });

  it('has 2048 characters at most, with the scheme that is added', () => {
    const path = (length: number) => `x.example/${'a'.repeat(length - 'https://x.example/'.length)}`;
    expect(website(path(2048)).success).toBe(true);
    expect(codes(website(path(2049)))).toEqual(['too-long']);
  });
});
