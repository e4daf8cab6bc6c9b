import { beforeAll, describe, expect, it } from 'vitest';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { numberingEntity } from '../../lib/numbers/schema.ts';
import { clientListRepository, type ListRequest } from '../../lib/search/list-repository.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { ApiTokenId, mintId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { asItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { listed } from '../support/finding-world.ts';
import { newAccountsOf } from '../support/new-accounts.ts';
import { freshTable, newCompanyId, type TestSource, testSource } from '../support/table.ts';

let table: Table;
let calls: Call[];

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

interface World {
  source: TestSource;
  principal: Principal;
  lists: ReturnType<typeof clientListRepository>;
  clients: ReturnType<typeof clientService>;
}

async function world(): Promise<World> {
  const source = testSource();
  const companyId = newCompanyId(source);
  const numbering = { pattern: '{counter:4}', next: 1, reset: 'never' as const, period: '-' };
  await transact(table, [
    writes(table.name).create(keys.numbering(companyId, 'client'), asItem(numberingEntity, numbering)),
  ]);
  const repository = clientRepository(table);
  const principal: Principal = {
    kind: 'token',
    id: mintId(ApiTokenId, 'tok', source),
    name: 'A token',
    companyId,
    role: 'editor',
    timezone: 'UTC',
    country: null,
    customFieldsDefined: false,
    activityDays: null,
    mayMailOthers: true,
    clientsModule: { status: 'active', minimumRole: 'viewer', requiredFields: [] },
  };
  const clients = clientService({
    clients: repository,
    nextNumber: clientNumbers(table, source).next,
    customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
    accounts: newAccountsOf(table, source),
    commit: committing(table),
    source,
  });
  return { source, principal, lists: clientListRepository(table), clients };
}

const input = (fields: Record<string, unknown>) => ClientInput.parse(fields);
const create = ({ clients, principal }: World, fields: Record<string, unknown>) =>
  clients.create(principal, input(fields), committing(table));

const everything: ListRequest = {
  sort: 'name',
  descending: false,
  filters: { archived: false },
  limit: 50,
  after: undefined,
};

/** Walks a list to its end: the names in order, and the sizes of the pages. */
async function walk({ lists, principal }: World, request: Partial<ListRequest>) {
  const names: string[] = [];
  const sizes: number[] = [];
  let after: ListRequest['after'];
  do {
    const page = await lists.list(principal.companyId, { ...everything, ...request, after });
    names.push(...listed(page).map(({ displayName }) => displayName));
    sizes.push(page.rows.length);
    after = page.next;
  } while (after && sizes.length < 100);
  return { names, sizes };
}

describe('a list of clients', () => {
  it('the list has every client once on full pages, in both directions', async () => {
    const fixture = await world();
    const names = Array.from({ length: 23 }, (_, index) => `Client ${String.fromCharCode(97 + ((index * 7) % 23))}`);
    for (const name of names) await create(fixture, { name });
    const ascending = await walk(fixture, { limit: 5 });
    expect(ascending.names).toEqual([...names].sort());
    expect(ascending.sizes).toEqual([5, 5, 5, 5, 3]);
    expect((await walk(fixture, { limit: 5, descending: true })).names).toEqual([...names].sort().reverse());
    expect((await walk(fixture, { limit: 10, sort: 'createdAt' })).names).toHaveLength(23);
    expect((await walk(fixture, { limit: 23 })).sizes).toEqual([23]);
  });

  it('the list orders names as people do, whatever their case and accents', async () => {
    const fixture = await world();
    for (const name of ['zoo', 'Émile', 'apple', 'Eva', 'ÄPFEL', 'Zebra']) await create(fixture, { name });
    expect((await walk(fixture, {})).names).toEqual(['ÄPFEL', 'apple', 'Émile', 'Eva', 'Zebra', 'zoo']);
  });

  it('the list separates archived clients, or merges both in one order on full pages', async () => {
    const fixture = await world();
    for (let index = 0; index < 20; index++) {
      const { id } = await create(fixture, { name: `Client ${String(index).padStart(2, '0')}` });
      if (index % 3 === 0) await fixture.clients.archive(fixture.principal, id, undefined, committing(table));
    }
    const all = await walk(fixture, { filters: { archived: 'any' }, limit: 6 });
    expect(all.names).toEqual(Array.from({ length: 20 }, (_, index) => `Client ${String(index).padStart(2, '0')}`));
    expect(all.sizes).toEqual([6, 6, 6, 2]);
    expect((await walk(fixture, { filters: { archived: 'any' }, limit: 6, descending: true })).names).toEqual(
      [...all.names].reverse(),
    );
    expect((await walk(fixture, { filters: { archived: true } })).names).toHaveLength(7);
    expect((await walk(fixture, {})).names).toHaveLength(13);
  });

  it('the list has unchanged clients exactly once while others are created and archived', async () => {
    const fixture = await world();
    const stays = await Promise.all(
      Array.from({ length: 40 }, (_, index) => create(fixture, { name: `Stays ${index}` })),
    );
    const goes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => create(fixture, { name: `Stays ${index} too` })),
    );
    const seen: string[] = [];
    let after: ListRequest['after'];
    do {
      const page = await fixture.lists.list(fixture.principal.companyId, { ...everything, limit: 7, after });
      seen.push(...listed(page).map(({ id }) => id));
      after = page.next;
      const gone = goes.pop();
      if (gone) await fixture.clients.archive(fixture.principal, gone.id, undefined, committing(table));
      await create(fixture, { name: `Stays ${seen.length} new` });
    } while (after);
    for (const { id } of stays) expect(seen.filter((other) => other === id)).toHaveLength(1);
  });
});

describe('a client', () => {
  it('a client is created as a whole or not at all', async () => {
    const fixture = await world();
    await create(fixture, { name: 'First', contacts: [{ email: 'ada@northwind.example' }], idNumber: 'X-1' });
    const second = create(fixture, {
      name: 'Second',
      idNumber: 'X-2',
      contacts: [{ email: 'bob@northwind.example' }, { email: 'Ada@Northwind.example' }],
    });
    await expect(second).rejects.toMatchObject({
      code: 'email-taken',
      errors: [{ pointer: '/contacts/1/email', code: 'taken' }],
    });
    expect((await walk(fixture, {})).names).toEqual(['First']);
    await create(fixture, { name: 'Third', idNumber: 'X-2', contacts: [{ email: 'bob@northwind.example' }] });
  });

  it('a changed number and idNumber frees the old ones and claims the new ones', async () => {
    const fixture = await world();
    const { id } = await create(fixture, { name: 'First', number: 'N-1', idNumber: 'X-1' });
    await fixture.clients.patch(fixture.principal, id, { number: 'N-2', idNumber: null }, undefined);
    await create(fixture, { name: 'Second', number: 'N-1', idNumber: 'X-1' });
    await expect(create(fixture, { name: 'Third', number: 'N-2' })).rejects.toMatchObject({ code: 'number-taken' });
    await expect(fixture.clients.patch(fixture.principal, id, { idNumber: 'X-1' }, undefined)).rejects.toMatchObject({
      code: 'id-number-taken',
    });
  });

  it('a number in another spelling is taken, and its own client can change to it', async () => {
    const fixture = await world();
    const { id } = await create(fixture, { name: 'First', number: 'Né-1', idNumber: 'x-1' });
    const other = await create(fixture, { name: 'Other' });
    const spellings = { number: 'NE\u0301-1', idNumber: 'Ｘ-1' };
    await expect(create(fixture, { name: 'Second', number: spellings.number })).rejects.toMatchObject({
      code: 'number-taken',
    });
    for (const [field, code] of [
      ['number', 'number-taken'],
      ['idNumber', 'id-number-taken'],
    ] as const) {
      const patch = { [field]: spellings[field] };
      await expect(fixture.clients.patch(fixture.principal, other.id, patch, undefined)).rejects.toMatchObject({
        code,
      });
    }
    const changed = await fixture.clients.patch(fixture.principal, id, spellings, undefined);
    expect(changed).toMatchObject(spellings);
    await fixture.clients.patch(fixture.principal, id, { number: 'N-2', idNumber: null }, undefined);
    await create(fixture, { name: 'Third', number: 'né-1', idNumber: 'X-1' });
  });

  it('a client keeps its contacts in the given order', async () => {
    const fixture = await world();
    const names = Array.from({ length: 30 }, (_, index) => `Contact ${index}`);
    const { id } = await create(fixture, { contacts: names.map((firstName) => ({ firstName })) });
    const { contacts, displayName } = await fixture.clients.profile(fixture.principal, id);
    expect(contacts.map(({ firstName }) => firstName)).toEqual(names);
    expect(displayName).toBe('Contact 0');
  });

  it('of twenty changes at once all are made without a version, and one with the same version', async () => {
    const fixture = await world();
    const { id } = await create(fixture, { name: 'Busy' });
    const changes = Array.from({ length: 5 }, (_, index) =>
      fixture.clients.patch(fixture.principal, id, { metadata: { [`key${index}`]: 'x' } }, undefined),
    );
    await Promise.all(changes);
    const { metadata, version } = await fixture.clients.profile(fixture.principal, id);
    expect(Object.keys(metadata)).toHaveLength(5);
    const rivals = await Promise.allSettled(
      ['a', 'b', 'c'].map((industry) => fixture.clients.patch(fixture.principal, id, { industry }, [version])),
    );
    expect(rivals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('a patch that changes nothing writes nothing', async () => {
    const fixture = await world();
    const created = await create(fixture, { name: 'Still', tags: ['a'] });
    const before = calls.length;
    const after = await fixture.clients.patch(fixture.principal, created.id, { name: 'Still', tags: ['a'] }, undefined);
    expect(after).toEqual(created);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query']);
  });

  it('a client records when marketing consent was given and withdrawn', async () => {
    const fixture = await world();
    const { id, marketingOptIn } = await create(fixture, { name: 'Reader', marketingOptIn: true });
    expect(marketingOptIn).toEqual({ granted: true, at: '2026-03-04T10:00:00.000Z', how: 'api' });
    fixture.source.at = new Date('2026-05-06T12:00:00Z');
    const after = await fixture.clients.patch(
      fixture.principal,
      id,
      { marketingOptIn: { granted: false, how: 'phone' } },
      undefined,
    );
    expect(after.marketingOptIn).toEqual({ granted: false, at: '2026-05-06T12:00:00.000Z', how: 'phone' });
    const other = await fixture.clients.patch(fixture.principal, id, { name: 'Other' }, undefined);
    expect(other.marketingOptIn).toEqual(after.marketingOptIn);
  });
});
