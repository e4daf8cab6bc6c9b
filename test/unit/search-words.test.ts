import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientEntity, contactEntity, type StoredClient, type StoredContact } from '../../lib/clients/schema.ts';
import { MAX_WORDS, sharedPrefixLength, wordsOf, wordsOfQuery } from '../../lib/search/words.ts';
import { fold } from '../../lib/shared/text.ts';

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
        expect(found(fold(text))).toEqual(found(text));
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
        billingAddress: { city: 'London' },
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
        ...['ada', 'northwind', '2026', '0001', '20260001', 'nw', '7', 'nw7', 'gb123', 'london', 'gold', '12', 'vip'],
        ...['02079460001', '442079460001', 'ada@x.example', 'x', 'example', '123'],
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
