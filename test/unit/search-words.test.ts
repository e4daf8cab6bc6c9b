import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientEntity, contactEntity, type StoredClient, type StoredContact } from '../../lib/clients/schema.ts';
import { MAX_WORDS, sharedPrefixLength, wordsOf } from '../../lib/search/words.ts';
import { fold } from '../../lib/shared/text.ts';
import { wordsOfQuery } from '../../lib/shared/words.ts';

const ID = '01JD8X3V5QZ7M2K4N6P8R0S1TA';
const AT = '2026-01-31T09:30:00.000Z';

function client(fields: Record<string, unknown>): StoredClient {
  const base = { id: `cli_${ID}`, number: '1', groupId: `grp_${ID}`, website: null, shippingAddress: null };
  const dates = { archivedAt: null, createdAt: AT, updatedAt: AT, version: 1 };
  const copies = { displayName: '', primaryContact: null, balances: [], marketingOptIn: null, portalGeneration: 0 };
  return clientEntity.schema.parse({ ...base, ...dates, ...copies, ...fields });
}

function contact(fields: Record<string, unknown>): StoredContact {
  const portal = { status: 'none', username: null, invitedAt: null, lastSignInAt: null };
  const base = { id: `con_${ID}`, clientId: `cli_${ID}`, isPrimary: false, createdAt: AT, updatedAt: AT, version: 1 };
  return contactEntity.schema.parse({ ...base, portal, credentialGeneration: 0, ...fields });
}

/** Text in many scripts, with composed and decomposed accents. */
const writing = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom(
        'Éa',
        'Straße',
        'ΣΟΦΟΣ',
        'İzmir',
        'Łódź',
        '山田',
        'O’Neil',
        '４２',
        'ﬁn',
        '\u{1D400}b',
        'a@b.example',
      ),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(' '))
  .filter((text) => text.isWellFormed());

/** Whether a query matches words as the Query on the postings does. */
function matches(query: string, words: readonly string[]): boolean {
  return wordsOfQuery(query).every((start) => words.some((word) => word.startsWith(start)));
}

const found = (text: string) => wordsOf(client({ displayName: text, number: '-' }), []).map(({ word }) => word);

describe('folding', () => {
  it('folding is idempotent, and folded text has the same words', () => {
    fc.assert(
      fc.property(writing, (text) => {
        expect(fold(fold(text))).toBe(fold(text));
        expect(found(found(text).join(' '))).toEqual(found(text));
        // Folding makes an umlaut one letter, and a client is found by both spellings.
        expect(found(text)).toEqual(expect.arrayContaining(found(fold(text)).filter((word) => !/[aou]/.test(word))));
      }),
    );
  });

  it('a text is found by every prefix of its words, regardless of case and accents', () => {
    fc.assert(
      fc.property(writing, fc.nat(), fc.nat(), (text, pick, cut) => {
        const words = found(text);
        const word = words[pick % Math.max(1, words.length)];
        if (word === undefined) return;
        const letters = [...word];
        const start = letters.slice(0, 1 + (cut % letters.length)).join('');
        for (const query of [start, ` ${start} `, start.normalize('NFD')]) expect(matches(query, words)).toBe(true);
        if (!/[^\x20-\x7e]/.test(start)) expect(matches(start.toUpperCase(), words)).toBe(true);
      }),
    );
  });

  it('a text is found by itself, by each of its parts, and by its parts in another order', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[A-Za-zÀ-ÿ]{1,10}$/), { minLength: 1, maxLength: 6 }), (parts) => {
        const words = found(parts.join(' '));
        for (const query of [parts.join(' '), parts.toReversed().join(', '), parts[0] ?? ''])
          expect(matches(query, words)).toBe(true);
      }),
    );
  });
});

describe('the words of a client', () => {
  it('come from every field that is searched, names first', () => {
    const words = wordsOf(
      client({
        displayName: 'Northwind',
        number: '2026-0001',
        idNumber: 'NW 7',
        vatNumber: 'GB123',
        billingAddress: { line1: '1 Harbour Road', line2: 'Floor 2', postalCode: 'E1 6AN', city: 'London' },
        tags: ['Studio'],
        industry: 'Design',
        customFields: { custom1: 'gold', custom2: true, custom3: 12 },
        phones: [{ kind: 'phone', number: '(020) 7946-0001', e164: '+442079460001' }],
        publicNotes: 'never',
        privateNotes: 'secret',
      }),
      [contact({ firstName: 'Ada', email: 'Ada@X.example', phone: '1 23', customFields: { custom1: 'vip' } })],
    );
    const named = words.filter(({ rank }) => rank === 0).map(({ word }) => word);
    expect(named).toEqual(['ada', 'northwind']);
    expect(words.map(({ word }) => word)).toEqual(
      [
        ...[
          'ada',
          'northwind',
          '2026',
          '0001',
          '1',
          '20260001',
          'nw',
          '7',
          'nw7',
          'gb123',
          'london',
          'gold',
          '12',
          'vip',
        ],
        ...['2079460001', '442079460001', '79460001', 'ada@x.example', 'x', 'example', '123'],
        ...['e1', '6an', 'e16an', 'harbour', 'road', 'floor', '2', 'studio', 'design'],
      ].toSorted(),
    );
  });

  it('the number of words is limited, and words of the name are kept first', () => {
    const contacts = Array.from({ length: 200 }, (_, index) =>
      contact({ firstName: `first${index}`, lastName: `last${index}`, email: `mail${index}@host${index}.example` }),
    );
    const words = wordsOf(client({ displayName: 'Kept name' }), contacts);
    expect(words).toHaveLength(MAX_WORDS);
    expect(words.map(({ word }) => word)).toEqual(expect.arrayContaining(['kept', 'name', 'first0']));
  });

  it('each word is stored once, and of words with the same prefix one is stored', () => {
    fc.assert(
      fc.property(writing, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), (text, query) => {
        const words = found(text);
        expect(new Set(words).size).toBe(words.length);
        const [start] = wordsOfQuery(query);
        if (start === undefined) return;
        const standing = words.filter(
          (word, index) => word.startsWith(start) && sharedPrefixLength(word, words[index - 1] ?? '') < start.length,
        );
        expect(standing).toHaveLength(words.some((word) => word.startsWith(start)) ? 1 : 0);
      }),
    );
  });
});

describe('what a query finds', () => {
  const finds = (fields: Record<string, unknown>, queries: string[]) => {
    const words = wordsOf(client({ displayName: 'x', number: '-', ...fields }), []).map(({ word }) => word);
    return Object.fromEntries(queries.map((query) => [query, matches(query, words)]));
  };
  const all = (queries: string[], found: boolean) => Object.fromEntries(queries.map((query) => [query, found]));
  const phone = (number: string, e164: string | null) => ({ phones: [{ kind: 'phone', number, e164 }] });

  it.each([
    [
      '+44 20 7946 0001',
      '+442079460001',
      [
        '020 7946 0001',
        '7946 0001',
        '79460001',
        '+442079460001',
        '0044 20 7946 0001',
        '+44 (0)20 7946',
        '020 79',
        '0001',
      ],
    ],
    ['+442079460001', '+442079460001', ['020 7946 0001', '02079460001', '020 79', '20 7946 0001', '+44 20 7946']],
    ['030 901820', '+4930901820', ['901820', '030 901820', '030901820', '+49 30 9018', '0049 30 901820', '(030) 9018']],
    ['030 901820', null, ['901820', '030 901820', '030-90']],
    ['(212) 555-0123', '+12125550123', ['212 555 0123', '555-0123', '+1 212 555', '1 (212) 555-0123']],
    ['06 6982 1234', '+390669821234', ['06 6982', '6982 1234', '+39 06 6982']],
  ])('the phone %s is found from any written group of digits on', (given, e164, queries) => {
    expect(finds(phone(given, e164), queries)).toEqual(all(queries, true));
    const others = ['7946 0002', '901821', '555-0124', '6982 1235'];
    expect(finds(phone(given, e164), others)).toEqual(all(others, false));
  });

  it('ä and ae, ö and oe, ü and ue, ß and ss are alike, whichever is stored', () => {
    const spellings = ['Möller', 'Moeller', 'moller', 'moel', 'möl', 'MÖLLER'];
    for (const name of ['Möller', 'Moeller']) expect(finds({ name }, spellings)).toEqual(all(spellings, true));
    const bakery = ['baeckerei', 'Bäckerei', 'backerei', 'Straße', 'strasse', 'gruess', 'grüß'];
    for (const name of ['Bäckerei Grüß Straße', 'Baeckerei Gruess Strasse'])
      expect(finds({ name }, bakery)).toEqual(all(bakery, true));
    expect(finds({ name: 'Joe' }, ['joe', 'john', 'joh'])).toEqual({ joe: true, john: false, joh: false });
    expect(finds({ name: 'John' }, ['joe'])).toEqual({ joe: false });
  });

  it('Chinese, Japanese and Korean text is found by any part of it', () => {
    const parts = ['山田', '株式会社', '商店', '田商', '山', '株式会社山田商店', 'yamada 山田'];
    expect(finds({ name: '株式会社山田商店 Yamada' }, parts)).toEqual(all(parts, true));
    expect(finds({ name: '株式会社山田商店' }, ['田山', '山商'])).toEqual(all(['田山', '山商'], false));
    expect(finds({ name: '한국전자' }, ['한국', '전자', '국전'])).toEqual(all(['한국', '전자', '국전'], true));
    expect(found('漢字仮名'.repeat(50).slice(0, 200)).length).toBeLessThanOrEqual(60);
  });

  it('leading zeros of a number, the prefix of a VAT number and its separators may be left out', () => {
    expect(finds({ number: '0021' }, ['21', '0021', '00'])).toEqual(all(['21', '0021', '00'], true));
    expect(finds({ number: 'C00021' }, ['21', 'c00021'])).toEqual(all(['21', 'c00021'], true));
    expect(finds({ idNumber: '2026-0017' }, ['17', '2026-0017', '20260017'])).toEqual(
      all(['17', '2026-0017', '20260017'], true),
    );
    const spellings = ['136695976', 'DE136695976', 'de 136 695 976', 'DE 136.695.976', '136 695 976', '1366'];
    for (const vatNumber of ['DE136695976', 'DE 136 695 976', 'DE-136.695.976'])
      expect(finds({ vatNumber }, spellings), vatNumber).toEqual(all(spellings, true));
    const swiss = ['CHE-123.456.788', 'che123456788', '123456788'];
    expect(finds({ vatNumber: 'CHE-123.456.788' }, swiss)).toEqual(all(swiss, true));
  });

  it('a postal code is found with and without its space', () => {
    const queries = ['E1 6AN', 'e16an', 'E16A', '1 harbour'];
    const billingAddress = { line1: '1 Harbour Road', postalCode: 'E1 6AN' };
    expect(finds({ billingAddress }, queries)).toEqual(all(queries, true));
  });
});

describe('the words of a query', () => {
  it('the words of a query are sorted by length, without duplicates and without prefixes of others', () => {
    expect(wordsOfQuery('ad Ada  northwind NORTH')).toEqual(['northwind', 'ada']);
    expect(wordsOfQuery('ada@x.ex gold')).toEqual(['ada@x.ex', 'gold']);
    expect(wordsOfQuery("O'Neil & Söhne")).toEqual(['sohne', 'neil', 'o']);
    expect(wordsOfQuery('+44 20 7946-0001')).toEqual(['442079460001']);
    expect(wordsOfQuery('0001')).toEqual(['0001']);
    expect(wordsOfQuery('–!?')).toEqual([]);
  });
});
