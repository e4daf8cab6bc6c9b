import { beforeAll, describe, expect, it } from 'vitest';
import { ClientPatch } from '../../lib/clients/schema.ts';
import { clientFinder } from '../../lib/search/finder.ts';
import { clientLookUp } from '../../lib/search/look-up.ts';
import type { ClientQuery } from '../../lib/search/query.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { type FindingWorld, findingWorld, listed } from '../support/finding-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

type Asked = Partial<ClientQuery>;

/** The names that a query finds, sorted. */
function finderOf({ lists, searches, companyId }: FindingWorld, timezone = 'UTC') {
  const find = clientFinder({ lists, search: searches, lookUp: clientLookUp(table) });
  return async (query: Asked) => {
    const page = await find({ companyId, timezone }, { archived: 'false', limit: 50, ...query }, undefined);
    return listed(page)
      .map(({ displayName }) => displayName)
      .sort();
  };
}

const northwind = {
  name: 'Northwind',
  number: 'C0021',
  idNumber: 'NW-7',
  vatNumber: 'DE 136 695 976',
  tags: ['Studio'],
  phones: [{ kind: 'phone', number: '+44 20 7946 0001' }],
  contacts: [{ email: 'Ada@Northwind.example', phone: '+49 30 901820' }],
  metadata: { crm: '42', 'ext.key': 'A long value with ÄÖ' },
};

const other = {
  name: 'Other',
  type: 'person',
  number: 'C00211',
  idNumber: 'NW-77',
  vatNumber: 'DE 136 695 9768',
  phones: [{ kind: 'phone', number: '+44 20 7946 00019' }],
  contacts: [{ email: 'ada@northwind.example.org' }],
  metadata: { crm: '421', ext: '42' },
};

describe('a look-up of a whole value', () => {
  it.each<[Asked]>([
    [{ number: 'c0021' }],
    [{ idNumber: 'nw-7' }],
    [{ email: 'ADA@northwind.example' }],
    [{ vatNumber: '136695976' }],
    [{ vatNumber: 'de136.695.976' }],
    [{ phone: '+442079460001' }],
    [{ phone: '020 7946 0001' }],
    [{ phone: '030 901820' }],
    [{ phone: '0049 30 901820' }],
    [{ metadata: { crm: '42' } }],
    [{ metadata: { 'ext.key': 'a LONG value with äö', crm: '42' } }],
    [{ number: 'C0021', idNumber: 'NW-7', email: 'ada@northwind.example', phone: '030901820', q: 'north' }],
    [{ vatNumber: '136695976', tag: 'studio', type: 'company', status: 'active,fraud', q: 'ada' }],
    [{ metadata: { crm: '42' }, q: 'north' }],
  ])('%o finds the client that has it, and none with a longer one', async (query) => {
    const world = findingWorld(table);
    await world.indexed(northwind);
    await world.indexed(other);
    expect(await finderOf(world)(query)).toEqual(['Northwind']);
  });

  it.each<[Asked]>([
    [{ number: '0021' }],
    [{ number: 'C0021', idNumber: 'NW-77' }],
    [{ email: 'ada@northwind.example', type: 'person' }],
    [{ number: 'C0021', tag: 'none' }],
    [{ number: 'C0021', status: 'inactive,fraud' }],
    [{ number: 'C0021', archived: 'true' }],
    [{ number: 'C0021', createdAfter: '2999-01-01' }],
    [{ number: 'C0021', q: 'other' }],
    [{ number: 'C0021', metadata: { crm: '421' } }],
    [{ vatNumber: '13669597' }],
    [{ phone: '7946 0001' }],
    [{ metadata: { ext: '42' }, type: 'company' }],
    [{ metadata: { crm: '4' } }],
    [{ q: '!!!', number: 'C0021' }],
  ])('%o finds nothing', async (query) => {
    const world = findingWorld(table);
    await world.indexed(northwind);
    await world.indexed(other);
    expect(await finderOf(world)(query)).toEqual([]);
  });

  it('number, idNumber and e-mail address find a client at once, in two calls, and never its old values', async () => {
    const world = findingWorld(table);
    const find = finderOf(world);
    const { id } = await world.create(northwind);
    const before = calls.length;
    expect(await find({ number: 'C0021' })).toEqual(['Northwind']);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['GetItem', 'Query']);
    await world.clients.patch(world.principal, id, { number: 'N1', idNumber: null }, undefined);
    expect(await find({ number: 'C0021' })).toEqual([]);
    expect(await find({ idNumber: 'NW-7' })).toEqual([]);
    expect(await find({ number: 'N1' })).toEqual(['Northwind']);
    await world.clients.archive(world.principal, id, undefined, committing(table));
    expect(await find({ email: 'ada@northwind.example' })).toEqual([]);
    expect(await find({ email: 'ada@northwind.example', archived: 'any' })).toEqual(['Northwind']);
  });

  it('an old value of metadata, a phone or a VAT number finds nothing once the change is indexed', async () => {
    const world = findingWorld(table);
    const find = finderOf(world);
    const { id } = await world.indexed(northwind);
    const change = ClientPatch.parse({ vatNumber: null, phones: [], metadata: { crm: null } });
    await world.clients.patch(world.principal, id, change, undefined);
    await world.indexer.update(world.companyId, id);
    expect(await find({ vatNumber: '136695976' })).toEqual([]);
    expect(await find({ phone: '+442079460001' })).toEqual([]);
    expect(await find({ metadata: { crm: '42' } })).toEqual([]);
    expect(await find({ metadata: { 'ext.key': 'a long value with äö' } })).toEqual(['Northwind']);
  });

  it('a search cannot be sorted', async () => {
    const find = finderOf(findingWorld(table));
    for (const query of [{ q: 'x' }, { vatNumber: '1' }, { metadata: { a: 'b' } }])
      await expect(find({ ...query, sort: 'name' })).rejects.toMatchObject({ code: 'validation' });
    expect(await find({ number: 'x', sort: 'name' })).toEqual([]);
  });
});

describe('several statuses, types and dates', () => {
  it('clients with one of several statuses are found in every order, archived ones too', async () => {
    const world = findingWorld(table);
    const kinds = ['active', 'inactive', 'fraud'] as const;
    for (const [index, status] of [...kinds, ...kinds, ...kinds].entries()) {
      const { id } = await world.indexed({ name: `${status} ${index}`, status, tags: index < 6 ? ['t'] : [] });
      if (index >= 6) await world.clients.archive(world.principal, id, undefined, committing(table));
      await world.indexer.update(world.companyId, id);
    }
    const find = finderOf(world);
    for (const sort of ['name', '-createdAt'] as const)
      for (const limit of [50]) {
        expect(await find({ sort, limit, status: 'inactive,fraud' })).toEqual([
          'fraud 2',
          'fraud 5',
          'inactive 1',
          'inactive 4',
        ]);
        expect(await find({ sort, limit, status: 'fraud,active,fraud', tag: 't' })).toHaveLength(4);
        expect(await find({ sort, limit, status: 'inactive,fraud,active' })).toHaveLength(6);
        expect(await find({ sort, limit, status: 'fraud,inactive', archived: 'any' })).toHaveLength(6);
      }
    const filters = { archived: 'any', status: ['inactive', 'fraud'] } as const;
    const { names, sizes } = await world.walk({ filters, limit: 4 });
    expect(names).toEqual(['fraud 2', 'fraud 5', 'fraud 8', 'inactive 1', 'inactive 4', 'inactive 7']);
    expect(sizes).toEqual([4, 2]);
  });

  it('a date is the beginning of the day in the time zone of the company', async () => {
    const world = findingWorld(table);
    const made: [string, string][] = [
      ['Eve', '2026-01-30T22:59:59.000Z'],
      ['First', '2026-01-30T23:00:00.000Z'],
      ['Noon', '2026-01-31T11:00:00.000Z'],
      ['Next', '2026-01-31T23:00:00.000Z'],
    ];
    for (const [name, at] of made) {
      world.source.at = new Date(Date.parse(at) - 1000);
      await world.create({ name });
    }
    const find = finderOf(world, 'Europe/Berlin');
    for (const sort of ['name', 'createdAt', 'updatedAt'] as const) {
      const day = { createdAfter: '2026-01-31', createdBefore: '2026-02-01' };
      expect(await find({ ...day, sort })).toEqual(['First', 'Noon']);
      expect(await find({ updatedAfter: '2026-01-31', updatedBefore: '2026-01-31T23:00:00Z', sort })).toEqual([
        'First',
        'Noon',
      ]);
    }
  });

  it('names sort by the value of their numbers', async () => {
    const world = findingWorld(table);
    for (const name of ['Room 10', 'room 9', 'Room 100', 'Röom 1', 'Room']) await world.create({ name });
    expect((await world.walk({ limit: 2 })).names).toEqual(['Room', 'Röom 1', 'room 9', 'Room 10', 'Room 100']);
  });
});
