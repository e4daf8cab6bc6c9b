import { beforeAll, describe, expect, it } from 'vitest';
import { bulkService } from '../../lib/clients/bulk.ts';
import { BulkInput } from '../../lib/clients/bulk-schema.ts';
import { ClientId, GroupId, generalGroupId, mintId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import { type ClientWorld, clientWorld, newClient } from '../support/client-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let world: ClientWorld;

beforeAll(async () => {
  ({ table } = await freshTable());
  world = await clientWorld(table);
});

const run = (input: Record<string, unknown>) => world.bulk.run(world.principal, BulkInput.parse(input));

describe('a bulk action', () => {
  it('a bulk action answers for each client in order, and a failure stops no other client', async () => {
    const made = await Promise.all(['A', 'B', 'C'].map((name) => newClient(world, { name })));
    const [a, b, c] = made.map(({ id }) => id);
    const stranger = await newClient(await clientWorld(table, world.source), { name: 'Theirs' });
    const missing = mintId(ClientId, 'cli', world.source);
    const ids = [c, 'nonsense', a, missing, stranger.id, b, a];
    const { results } = await run({ action: 'archive', ids });
    expect(results.map(({ id, status, problem }) => [id, status, problem?.type])).toEqual([
      [c, 200, undefined],
      ['nonsense', 404, '/problems/not-found'],
      [a, 200, undefined],
      [missing, 404, '/problems/not-found'],
      [stranger.id, 404, '/problems/not-found'],
      [b, 200, undefined],
    ]);
    for (const { id } of made)
      expect((await world.clients.profile(world.principal, id)).archivedAt).toBe('2026-03-04T10:00:00.000Z');
    await run({ action: 'restore', ids: [a] });
    expect((await world.clients.profile(world.principal, ClientId.parse(a))).archivedAt).toBeNull();
  });

  it('a bulk action sets status, group and pricing, and names those that do not exist', async () => {
    const { id } = await newClient(world, { name: 'Set' });
    await run({ action: 'setStatus', ids: [id], status: 'inactive' });
    expect((await world.clients.profile(world.principal, id)).status).toBe('inactive');
    const groupId = mintId(GroupId, 'grp', world.source);
    const { results } = await run({ action: 'setGroup', ids: [id], groupId });
    expect(results).toMatchObject([
      { id, status: 400, problem: { status: 400, errors: [{ pointer: '/groupId', code: 'not-found' }] } },
    ]);
    expect(await run({ action: 'setGroup', ids: [id], groupId: null })).toEqual({ results: [{ id, status: 200 }] });
    expect(await run({ action: 'setPricing', ids: [id], pricingId: null })).toEqual({ results: [{ id, status: 200 }] });
    expect((await world.clients.profile(world.principal, id)).groupId).toBe(generalGroupId(world.principal.companyId));
  });

  it('an internal failure for one client is answered 500 and reported, and the others go on', async () => {
    const [first, second] = await Promise.all(['A', 'B'].map((name) => newClient(world, { name })));
    if (!first || !second) throw new Error('no clients');
    const reported: string[] = [];
    const faulty = bulkService({
      commit: committing(table),
      clients: {
        ...world.clients,
        archive: (principal, id, ...rest) =>
          id === first.id ? Promise.reject(new Error('broken')) : world.clients.archive(principal, id, ...rest),
      },
      report: (_error, id) => reported.push(id),
    });
    const input = BulkInput.parse({ action: 'archive', ids: [first.id, second.id] });
    const { results } = await faulty.run(world.principal, input);
    expect(results.map(({ status }) => status)).toEqual([500, 200]);
    expect(JSON.stringify(results)).not.toContain('broken');
    expect(reported).toEqual([first.id]);
  });
});

it('an overview has the notes and links to everything of the client', async () => {
  const { id, groupId } = await newClient(world, { name: 'Seen', publicNotes: 'open', privateNotes: 'closed' });
  const seen = await world.overview(world.principal, id);
  expect(seen).toMatchObject({ balances: [], publicNotes: 'open', privateNotes: 'closed' });
  expect(seen.categories.groups).toEqual({ count: 1, href: `/v1/groups/${groupId}`, createHref: '/v1/groups' });
  expect(seen.categories.invoices).toEqual({
    count: 0,
    href: `/v1/invoices?clientId=${id}`,
    createHref: '/v1/invoices',
  });
  const none = world.overview(world.principal, mintId(ClientId, 'cli', world.source));
  await expect(none).rejects.toMatchObject({ code: 'not-found' });
});
