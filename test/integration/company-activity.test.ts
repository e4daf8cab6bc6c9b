import { beforeAll, describe, expect, it } from 'vitest';
import { activityFilters, filterOfQuery } from '../../lib/activity/query-schema.ts';
import { type ActivityRequest, activityLog } from '../../lib/activity/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import type { Call } from '../support/calls.ts';
import { type ClientWorld, clientWorld, newClient, newContact } from '../support/client-world.ts';
import { freshTable, testSource } from '../support/table.ts';

let table: Table;
let calls: Call[];
let world: ClientWorld;

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

const at = (time: string) => {
  world.source.at = new Date(time);
};
const page = (request: Partial<ActivityRequest> = {}) =>
  activityLog(table).companyPage(world.principal.companyId, { limit: 50, after: undefined, ...request });

describe('the activity of a company', () => {
  beforeAll(async () => {
    world = await clientWorld(table, testSource('2026-03-04T10:00:00.000Z'));
    const { clients, principal } = world;
    const a = await newClient(world, { name: 'A', privateNotes: 'secret' });
    at('2026-03-05T10:00:00.000Z');
    const b = await newClient(world, { name: 'B' });
    at('2026-03-06T10:00:00.000Z');
    const colleague = { ...world, principal: { ...principal, name: 'Another' } };
    await newContact(colleague, a.id, { firstName: 'Ada' });
    at('2026-03-07T10:00:00.000Z');
    await clients.patch(principal, b.id, { privateNotes: 'also secret' }, undefined);
    await newClient(await clientWorld(table, world.source), { name: 'Theirs' });
  });

  it('has the entries of all clients, newest first, one Query a page, and of no other company', async () => {
    const found: string[] = [];
    let after: ActivityRequest['after'];
    const before = calls.length;
    do {
      const { entries, next } = await page({ limit: 2, after });
      found.push(...entries.map(({ action, subject }) => `${action} ${subject.label}`));
      after = next;
    } while (after);
    expect(found).toEqual(['client.updated B', 'contact.created Ada', 'client.created B', 'client.created A']);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['Query', 'Query']);
  });

  it('an entry is the same as in the activity of its client', async () => {
    const { entries } = await page();
    for (const entry of entries) {
      const own = await activityLog(table).page(world.principal.companyId, entry.clientId, {
        limit: 9,
        after: undefined,
      });
      expect(own.entries).toContainEqual(entry);
    }
  });

  it('private values are redacted', async () => {
    const { entries } = await page();
    const [changed] = entries;
    expect(changed?.changes).toEqual([{ field: 'privateNotes', from: null, to: null, redacted: true }]);
    expect(JSON.stringify(entries)).not.toContain('secret');
  });

  it.each([
    [{ action: ['client.created', 'contact.created'] }, ['contact.created', 'client.created', 'client.created']],
    [{ action: ['client.archived'] }, []],
    [{ actor: 'token' }, ['client.updated', 'contact.created', 'client.created', 'client.created']],
    [{ actor: 'user' }, []],
    [{ from: '2026-03-05', to: '2026-03-06' }, ['contact.created', 'client.created']],
    [{ from: '2026-03-05T10:00:00.001Z' }, ['client.updated', 'contact.created']],
    [{ to: '2026-03-05T10:00:00.000Z' }, ['client.created', 'client.created']],
    [{ from: '2026-03-08' }, []],
    [{ from: '2026-03-07', to: '2026-03-01' }, []],
    [{ from: '0001-01-01', to: '9999-12-31', action: ['client.updated'] }, ['client.updated']],
  ] as const)('is filtered by %j', async (filter, expected) => {
    const { entries } = await page({ filter: filterOfQuery(filter, 'UTC') });
    expect(entries.map(({ action }) => action)).toEqual(expected);
  });

  // The entries were made at ten o'clock in UTC, on four days: that is midnight of the next day on Kiritimati.
  it.each([
    [{ from: '2026-03-05', to: '2026-03-06' }, 'Pacific/Kiritimati', ['client.created', 'client.created']],
    [{ from: '2026-03-08' }, 'Pacific/Kiritimati', ['client.updated']],
    [{ to: '2026-03-04' }, 'Pacific/Kiritimati', []],
    [{ to: '2026-03-03' }, 'Pacific/Pago_Pago', ['client.created']],
    [{ from: '2026-03-07' }, 'Pacific/Pago_Pago', []],
    [{ from: '2026-03-07T10:00:00.000Z' }, 'Pacific/Pago_Pago', ['client.updated']],
  ])('%j are days in %s', async (query, timezone, expected) => {
    const { entries } = await page({ filter: filterOfQuery(query, timezone) });
    expect(entries.map(({ action }) => action)).toEqual(expected);
  });

  it('is filtered by the id of an actor', async () => {
    const { id } = world.principal;
    expect((await page({ filter: { actor: id } })).entries).toHaveLength(4);
    expect((await page({ filter: { actor: 'tok_01JD8X3V5QZ7M2K4N6P8R0S1TA' } })).entries).toEqual([]);
  });

  it('the activity of a client has the same filters', async () => {
    const { entries } = await page();
    const [{ clientId } = { clientId: undefined }] = entries;
    if (!clientId) throw new Error('there are entries');
    const { companyId } = world.principal;
    const filter = filterOfQuery({ action: ['client.created'], actor: 'token', to: '2026-03-05' }, 'UTC');
    const own = await activityLog(table).page(companyId, clientId, { limit: 9, after: undefined, filter });
    expect(own.entries.map(({ action }) => action)).toEqual(['client.created']);
  });

  it('an entry takes less than a kilobyte, however much is written at once', async () => {
    const large = await clientWorld(table);
    await newClient(large, {
      name: 'ä'.repeat(100),
      publicNotes: 'n'.repeat(10_000),
      tags: Array.from({ length: 50 }, (_, index) => `${index}${'t'.repeat(40)}`),
      metadata: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'x'.repeat(500)])),
    });
    const [item] = await queryAll(table, ranges.activity(large.principal.companyId, null));
    expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThan(1_100);
    expect(item?.moreChanges).toBeGreaterThan(40);
  });

  it('expires with the entry of the client', async () => {
    const { principal } = world;
    at('2026-03-07T11:00:00.000Z');
    const kept = { ...world, principal: { ...principal, activityDays: 30 } };
    const { id } = await newClient(kept, { name: 'Kept' });
    const ttls = async (client: typeof id | null) =>
      (await queryAll(table, ranges.activity(principal.companyId, client))).at(-1)?.ttl;
    expect(await ttls(null)).toBe(await ttls(id));
    expect(await ttls(id)).toBe(Math.floor(world.source.at.getTime() / 1000) + 30 * 86_400);
  });
});

describe('the query of an activity', () => {
  it.each([
    ['action', 'client.created,client.nothing'],
    ['action', ''],
    ['actor', 'somebody'],
    ['from', 'yesterday'],
  ] as const)('%s=%s is refused', (name, value) => {
    expect(activityFilters[name].safeParse(value).success).toBe(false);
  });
});
