import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { movements } from '../../lib/billing/ledger/account.ts';
import { ledgerRepository } from '../../lib/billing/ledger/repository.ts';
import { groupServices } from '../../lib/groups/wiring.ts';
import { ClientId, type CompanyId, generalGroupId } from '../../lib/shared/ids.ts';
import { wordsOfQuery } from '../../lib/shared/words.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys, ranges } from '../../lib/table/keys.ts';
import { getItem, MAX_FILTERED_QUERIES, queryAll, queryPage } from '../../lib/table/query.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { type FindingWorld, findingWorld, listed } from '../support/finding-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

const archive = ({ clients, principal }: FindingWorld, id: Parameters<typeof clients.archive>[1]) =>
  clients.archive(principal, id, undefined, committing(table));

describe('the order of the list', () => {
  it('the list sorts by name, number, creation, last change and balance, in both directions', async () => {
    const world = findingWorld(table);
    const numbers = ['C10', 'C9', 'c100', 'A7', '2026-0003', '2026-0012', '0005', '12'];
    for (const [index, number] of numbers.entries()) await world.create({ name: `Client ${index}`, number });
    const order = async (sort: Parameters<typeof world.walk>[0]['sort'], descending = false) =>
      (await world.walk({ ...(sort && { sort }), descending, limit: 3 })).names.map(
        (name) => numbers[Number(name.slice(7))],
      );
    const byNumber = ['0005', '12', '2026-0003', '2026-0012', 'A7', 'C9', 'C10', 'c100'];
    expect(await order('number')).toEqual(byNumber);
    expect(await order('number', true)).toEqual(byNumber.toReversed());
    expect(await order('createdAt')).toEqual(numbers);
    const [first] = listed(await world.lists.list(world.companyId, page({ sort: 'createdAt' })));
    if (!first) throw new Error('no client');
    world.source.at = new Date(world.source.at.getTime() + 60_000);
    await world.clients.patch(world.principal, first.id, { industry: 'x' }, undefined);
    expect(await order('updatedAt', true)).toEqual(['C10', ...numbers.slice(1).toReversed()]);
    expect((await order('balance')).toSorted()).toEqual(numbers.toSorted());
  });

  it('the list sorts by balance, negative ones first', async () => {
    const world = findingWorld(table);
    const balances = [5, -3, 0, 1_000_000_000_000, -1_000_000_000_000];
    for (const [index, balance] of balances.entries()) {
      const { id } = await world.create({ name: String(balance) });
      const client = await world.repository.client(world.companyId, id);
      if (!client) throw new Error('no client');
      const movement = { ...movements.creditReleased('EUR', 0n), balance: BigInt(balance) };
      const reference = { type: 'invoice', id: 'none', number: null } as const;
      const posting = { reference, now: world.source.now() };
      await transact(table, ledgerRepository(table).writesToPost(world.companyId, client, movement, posting));
      if (index !== 2) await world.indexer.update(world.companyId, id);
    }
    expect((await world.walk({ sort: 'balance', limit: 2 })).names.map(Number)).toEqual(
      balances.toSorted((a, b) => a - b),
    );
    expect((await world.walk({ filters: { archived: false, hasBalance: true } })).names).toHaveLength(4);
    expect((await world.walk({ filters: { archived: false, hasBalance: false } })).names).toEqual(['0']);
  });
});

const page = (request: Partial<Parameters<FindingWorld['lists']['list']>[1]>) => ({
  sort: 'name' as const,
  descending: false,
  filters: { archived: false as const },
  limit: 50,
  after: undefined,
  ...request,
});

describe('filters', () => {
  it('filters work alone and combined, in every order, on full pages of one Query', async () => {
    const world = findingWorld(table);
    const kinds = Array.from({ length: 60 }, (_, index) => ({
      name: `Client ${String(index).padStart(2, '0')}`,
      tags: index % 2 === 0 ? ['even', 'any'] : ['any'],
      billingAddress: { country: index % 3 === 0 ? 'DE' : 'FR', city: 'X' },
      status: index % 5 === 0 ? 'fraud' : 'active',
    }));
    for (const [index, kind] of kinds.entries()) {
      const { id } = await world.indexed(kind);
      if (index % 10 === 9) {
        await archive(world, id);
        await world.indexer.update(world.companyId, id);
      }
    }
    const names = (keep: (index: number) => boolean, archived: boolean | 'any' = false) =>
      kinds
        .map(({ name }) => name)
        .filter((_, index) => (archived === 'any' || (index % 10 === 9) === archived) && keep(index));
    const cases: [Parameters<typeof world.walk>[0]['filters'], string[]][] = [
      [{ archived: false, tag: 'even' }, names((i) => i % 2 === 0)],
      [{ archived: false, country: 'DE' }, names((i) => i % 3 === 0)],
      [{ archived: false, status: ['fraud'] }, names((i) => i % 5 === 0)],
      [{ archived: false, status: ['active'] }, names((i) => i % 5 !== 0)],
      [{ archived: false, groupId: generalGroupId(world.companyId) }, names(() => true)],
      [{ archived: 'any', tag: 'any' }, names(() => true, 'any')],
      [{ archived: true, tag: 'any', country: 'FR' }, names((i) => i % 3 !== 0, true)],
      [{ archived: false, tag: 'even', country: 'DE', status: ['fraud'] }, names((i) => i % 30 === 0)],
      [{ archived: false, tag: 'EVEN' }, names((i) => i % 2 === 0)],
      [{ archived: false, tag: 'odd' }, []],
      [{ archived: false, hasBalance: true }, []],
    ];
    for (const [filters, expected] of cases)
      for (const sort of ['name', 'number', 'createdAt', 'updatedAt', 'balance'] as const)
        for (const descending of [false, true]) {
          if (!filters) continue;
          const { names: found, sizes } = await world.walk({ filters, sort, descending, limit: 7 });
          const all = expected.length;
          expect(found.toSorted()).toEqual(expected);
          if (sort === 'name') expect(found).toEqual(descending ? expected.toReversed() : expected);
          expect(sizes).toEqual([...Array(Math.max(0, Math.ceil(all / 7) - 1)).fill(7), all === 0 ? 0 : all % 7 || 7]);
        }
    const before = calls.length;
    await world.lists.list(
      world.companyId,
      page({ filters: { archived: false, tag: 'even', country: 'DE' }, limit: 5 }),
    );
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
  });

  it('the clients of General are found without rows for General, alone and with other filters', async () => {
    const world = findingWorld(table);
    const { companyId } = world;
    const general = generalGroupId(companyId);
    const { id: other } = await groupServices({ table, source: world.source }).groups.create(
      companyId,
      { name: 'Key accounts', settings: {} },
      committing(table),
    );
    for (let index = 0; index < 12; index++)
      await world.indexed({
        name: `Client ${index + 10}`,
        tags: index % 2 === 0 ? ['even'] : [],
        groupId: index % 3 === 0 ? other : null,
        status: index % 4 === 0 ? 'fraud' : 'active',
      });
    const indexes = Array.from({ length: 12 }, (_, index) => index);
    const named = (keep: (index: number) => boolean) => indexes.filter(keep).map((index) => `Client ${index + 10}`);
    const inGeneral = (index: number) => index % 3 !== 0;
    const cases = [
      [{ groupId: general }, named(inGeneral)],
      [{ groupId: other }, named((index) => !inGeneral(index))],
      [{ groupId: general, tag: 'even' }, named((index) => inGeneral(index) && index % 2 === 0)],
      [{ groupId: general, status: ['active'] }, named((index) => inGeneral(index) && index % 4 !== 0)],
      [{ groupId: general, status: ['fraud'] }, named((index) => inGeneral(index) && index % 4 === 0)],
      [{ groupId: general, hasBalance: false }, named(inGeneral)],
    ] as const;
    for (const [filters, expected] of cases) {
      const found = { filters: { archived: false, ...filters }, limit: 5 } as const;
      expect((await world.walk(found)).names).toEqual(expected);
      expect((await world.walk({ ...found, q: 'client' })).names.toSorted()).toEqual(expected);
    }
    const before = calls.length;
    await world.lists.list(companyId, page({ filters: { archived: false, groupId: general }, limit: 5 }));
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
    const rows = ranges.clientsOfFacet(companyId, 'group', general, false);
    expect((await queryPage(table, { range: rows, limit: 10 })).items).toEqual([]);
  });

  it('time filters are exclusive, and are index bounds if the list is sorted by them', async () => {
    const world = findingWorld(table);
    const made: { createdAt: string }[] = [];
    for (let index = 0; index < 12; index++) made.push(await world.create({ name: `Client ${index + 10}` }));
    const at = (index: number) => made[index]?.createdAt ?? '';
    for (const sort of ['createdAt', 'name', 'updatedAt'] as const) {
      const filters = { archived: false, createdAfter: at(2), createdBefore: at(6) } as const;
      expect((await world.walk({ sort, filters, limit: 2 })).names).toEqual(['Client 13', 'Client 14', 'Client 15']);
      expect((await world.walk({ sort, filters: { archived: false, updatedAfter: at(9) } })).names).toHaveLength(2);
      const never = { archived: 'any', createdAfter: at(6), createdBefore: at(6) } as const;
      expect((await world.walk({ sort, filters: never })).names).toEqual([]);
    }
  });

  it('the count of a group includes each of its clients once, archived ones too', async () => {
    const world = findingWorld(table);
    const count = async () => {
      const items = await queryAll(table, ranges.clientCounts(world.companyId, 'group'));
      return items.reduce((sum, { clients }) => sum + Number(clients), 0);
    };
    const one = await world.indexed({ name: 'One' });
    await world.indexed({ name: 'Two' });
    await archive(world, one.id);
    for (let run = 0; run < 3; run++) await world.indexer.update(world.companyId, one.id, true);
    expect(await count()).toBe(2);
  });
});

describe('search', () => {
  it('search finds clients by the prefixes of words in every field, regardless of case and accents', async () => {
    const world = findingWorld(table);
    await world.indexed({
      name: 'Café Zoë & Söhne',
      number: 'RE-2026/017',
      idNumber: 'ERP 99.12',
      vatNumber: 'DE 123 456 788',
      phones: [{ kind: 'phone', number: '+49 (30) 901820' }],
      billingAddress: { city: 'Łódź', country: 'PL' },
      customFields: { custom1: 'Straße', custom2: 42 },
      contacts: [
        { firstName: 'Renée', lastName: "O'Neil", email: 'renee.oneil@cafe-zoe.example', phone: '030 5550 1234' },
      ],
    });
    await world.indexed({ name: 'Cafeteria', billingAddress: { city: 'Berlin' } });
    const finds = [
      ...['café', 'CAFE zoe', 'sohn', 'zoe cafe', 'renee', "o'neil", 'neil ren', 'renee.oneil@cafe', 'example zoe'],
      ...['re-2026/017', 'RE 2026', 're2026017', 'erp9912', '99.12 erp', 'de123456788', 'DE 123 456', '+49 30 901820'],
      ...['4930901820', '03055501234', '030 5550 12', 'lodz', 'strasse', '42 zoe', 'lodz cafe straße'],
    ];
    for (const q of finds) expect((await world.walk({ q })).names, q).toContain('Café Zoë & Söhne');
    for (const q of ['zoe berlin', 'fe', 'xyz', '!!!', 'cafezoe', 'zoes'])
      expect((await world.walk({ q })).names, q).not.toContain('Café Zoë & Söhne');
    expect((await world.walk({ q: 'cafe' })).names).toEqual(['Café Zoë & Söhne', 'Cafeteria']);
  });

  it('search ranks whole words before prefixes, and names before other fields', async () => {
    const world = findingWorld(table);
    await world.indexed({ name: 'Annabel' });
    await world.indexed({ name: 'Zed', billingAddress: { city: 'Anna' } });
    await world.indexed({ name: 'Anna' });
    await world.indexed({ name: 'Company', contacts: [{ firstName: 'Anna' }] });
    const { names } = await world.walk({ q: 'anna' });
    expect(names.slice(0, 2).toSorted()).toEqual(['Anna', 'Company']);
    expect(names.slice(2)).toEqual(['Zed', 'Annabel']);
  });

  it('search has each client once over all pages, however many of its words match', async () => {
    const world = findingWorld(table);
    for (let index = 0; index < 30; index++) {
      const word = String.fromCharCode(97 + (index % 26));
      await world.indexed({ name: `a${word} ab${word} aba${index} client`, tags: index % 2 ? ['odd'] : [] });
    }
    for (const q of ['a', 'ab', 'client', 'client a', 'aba a cli']) {
      const { names, sizes } = await world.walk({ q, limit: 7 });
      expect(new Set(names).size, q).toBe(30);
      expect(sizes, q).toEqual([7, 7, 7, 7, 2]);
    }
    expect((await world.walk({ q: 'client', filters: { archived: false, tag: 'odd' }, limit: 4 })).sizes).toEqual([
      4, 4, 4, 3,
    ]);
  });

  it('search finds a changed client by its new values only, and an archived one only if asked', async () => {
    const world = findingWorld(table);
    const { id } = await world.indexed({ name: 'Before' });
    await world.clients.patch(world.principal, id, { name: 'Afterwards' }, undefined);
    await world.indexer.update(world.companyId, id);
    expect((await world.walk({ q: 'before' })).names).toEqual([]);
    expect((await world.walk({ q: 'after' })).names).toEqual(['Afterwards']);
    await archive(world, id);
    await world.indexer.update(world.companyId, id);
    expect((await world.walk({ q: 'after' })).names).toEqual([]);
    expect((await world.walk({ q: 'after', filters: { archived: true } })).names).toEqual(['Afterwards']);
    expect((await world.walk({ q: 'after', filters: { archived: 'any' } })).names).toEqual(['Afterwards']);
  });

  it('search reads the postings of the rarer word if the longest word is common', async () => {
    const world = findingWorld(table);
    for (let index = 0; index < 40; index++) await world.indexed({ name: `consulting k${index}` });
    const before = calls.length;
    const { names } = await world.walk({ q: 'consulting k7', limit: 2 });
    expect(names).toEqual(['consulting k7']);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query', 'Query']);
    expect((await world.walk({ q: 'consulting', limit: 50 })).names).toHaveLength(40);
  });
});

describe('a filter that matches rarely', () => {
  it('a rare filter ends the page after a limited number of Queries, and its cursor continues in order', async () => {
    const world = findingWorld(table);
    const old = await world.create({ name: 'Old' });
    await writeCopies(table, world.companyId, old.id, 2700);
    const since = world.source.at.toISOString();
    const matching = await Promise.all(['Y', 'Z'].map((name) => world.create({ name })));
    if (matching[0]) await archive(world, matching[0].id);
    const before = calls.length;
    const filters = { archived: 'any', createdAfter: since } as const;
    const first = await world.lists.list(world.companyId, page({ filters, limit: 1 }));
    expect(first.rows).toEqual([]);
    expect(first.next).toBeDefined();
    const queries = calls.slice(before).filter(({ operation }) => operation === 'Query');
    expect(queries.length).toBeLessThanOrEqual(2 * MAX_FILTERED_QUERIES);
    for (const descending of [false, true]) {
      const { names, sizes } = await world.walk({ filters, descending, limit: 1 });
      expect(names).toEqual(descending ? ['Z', 'Y'] : ['Y', 'Z']);
      expect(sizes.every((size) => size <= 1)).toBe(true);
    }
  });
});

/** Writes live clients with the same name and dates. They are not indexed, because only the list is read. */
async function writeCopies(table: Table, company: CompanyId, id: ClientId, count: number): Promise<void> {
  const original = await getItem(table, keys.client(company, id), true);
  if (!original) throw new Error('no client');
  const on = writes(table.name);
  const copies = Array.from({ length: count }, (_, index) => {
    const suffix = String(index).padStart(4, '0');
    const copy = { ...original, id: `${id.slice(0, -4)}${suffix}`, nameOrder: `${original.nameOrder}${suffix}` };
    return on.put(keys.client(company, ClientId.parse(copy.id)), copy);
  });
  for (let from = 0; from < count; from += 100) await transact(table, copies.slice(from, from + 100));
}

describe('a walk over pages', () => {
  const orders = ['name', 'number', 'createdAt', 'balance'] as const;
  const request = fc.record({
    sort: fc.constantFrom(...orders),
    descending: fc.boolean(),
    limit: fc.integer({ min: 1, max: 9 }),
    filters: fc.record(
      {
        archived: fc.constantFrom(false, 'any' as const),
        tag: fc.constantFrom('even', 'all'),
        country: fc.constant('DE'),
        status: fc.constantFrom<('active' | 'fraud')[]>(['active'], ['fraud']),
      },
      { requiredKeys: ['archived'] },
    ),
    q: fc.option(fc.constantFrom('stays', 'st', 'client stays'), { nil: undefined }),
  });

  it('a walk has each unchanged client exactly once, whatever order and filters, while others are created and archived', async () => {
    const world = findingWorld(table);
    const stays: { id: string; even: boolean; german: boolean; fraud: boolean }[] = [];
    for (let index = 0; index < 18; index++) {
      const kind = { even: index % 2 === 0, german: index % 3 === 0, fraud: index % 4 === 0 };
      const { id } = await world.indexed({
        name: `Stays client ${(index * 7) % 18}`,
        tags: kind.even ? ['even', 'all'] : ['all'],
        billingAddress: kind.german ? { country: 'DE' } : null,
        status: kind.fraud ? 'fraud' : 'active',
      });
      stays.push({ id, ...kind });
    }
    await fc.assert(
      fc.asyncProperty(request, async ({ q, ...walked }) => {
        const { tag, country, status } = walked.filters;
        const wanted = stays.filter(
          ({ even, german, fraud }) =>
            (tag !== 'even' || even) && (!country || german) && (!status || status.includes('fraud') === fraud),
        );
        const seen: string[] = [];
        const passing: Awaited<ReturnType<typeof world.indexed>>[] = [];
        let after: Parameters<typeof world.lists.list>[1]['after'];
        do {
          const asked = { ...walked, after };
          const found =
            q === undefined
              ? await world.lists.list(world.companyId, asked)
              : await world.searches.search(world.companyId, { ...asked, words: wordsOfQuery(q) });
          seen.push(...listed(found).map(({ id }) => id));
          expect(found.next === undefined || found.rows.length === walked.limit).toBe(true);
          after = found.next;
          if (passing.length < 4)
            passing.push(
              await world.indexed({ name: `Stays client not ${seen.length}`, tags: ['all', 'even'], status: 'fraud' }),
            );
          else {
            const one = passing[seen.length % 4];
            if (one) await archive(world, one.id);
            if (one) await world.indexer.update(world.companyId, one.id);
          }
        } while (after && seen.length < 500);
        const counts = wanted.map(({ id }) => seen.filter((other) => other === id).length);
        expect(counts).toEqual(wanted.map(() => 1));
        for (const { id } of passing) {
          await archive(world, id);
          await world.indexer.update(world.companyId, id);
        }
      }),
      { numRuns: 12 },
    );
  });
});
