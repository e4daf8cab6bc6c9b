import { beforeAll, describe, expect, it } from 'vitest';
import { BulkInput } from '../../lib/clients/bulk-schema.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import type { Call } from '../support/calls.ts';
import { type ClientWorld, clientWorld, newClient } from '../support/client-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let calls: Call[];
let world: ClientWorld;

beforeAll(async () => {
  ({ table, calls } = await freshTable());
  world = await clientWorld(table);
});

const patch = (id: ClientId, fields: object) => world.clients.patch(world.principal, id, fields, undefined);
const read = (id: ClientId) => world.clients.profile(world.principal, id);
const stored = async (id: ClientId) => (await clientRepository(table).client(world.principal.companyId, id))?.settings;

describe('a setting that is a field of the client too', () => {
  it.each([
    { invoiceDelivery: 'post' },
    { settings: { invoiceDelivery: 'post' } },
    { invoiceDelivery: 'post', settings: { invoiceDelivery: 'post' } },
  ])('is one value, which is shown in both places: %j', async (fields) => {
    const { id } = await newClient(world, { name: 'N', ...fields });
    const shown = { invoiceDelivery: 'post', settings: { invoiceDelivery: 'post' } };
    expect(await read(id)).toMatchObject(shown);
    expect(await stored(id)).toEqual({});
    await patch(id, { settings: { invoiceDelivery: 'portal' } });
    expect(await read(id)).toMatchObject({ invoiceDelivery: 'portal', settings: { invoiceDelivery: 'portal' } });
    await patch(id, { invoiceDelivery: 'none' });
    expect(await read(id)).toMatchObject({ invoiceDelivery: 'none', settings: { invoiceDelivery: 'none' } });
    await patch(id, { settings: { invoiceDelivery: null, language: 'fr' } });
    expect(await read(id)).toMatchObject({ invoiceDelivery: null, settings: { language: 'fr' } });
    await patch(id, { ...shown });
    await patch(id, { settings: null });
    const cleared = await read(id);
    expect([cleared.invoiceDelivery, cleared.settings]).toEqual([null, {}]);
  });

  it('permissions of the portal are one value each', async () => {
    const { id } = await newClient(world, {
      name: 'N',
      portalPermissions: { ledger: false },
      settings: { portalPermissions: { quotes: false, ledger: false } },
    });
    const both = { ledger: false, quotes: false };
    expect(await read(id)).toMatchObject({ portalPermissions: both, settings: { portalPermissions: both } });
    await patch(id, { settings: { portalPermissions: { ledger: null, invoices: true } } });
    const { portalPermissions, settings } = await read(id);
    expect(portalPermissions).toEqual({ quotes: false, invoices: true });
    expect(settings).toEqual({ portalPermissions });
    await patch(id, { settings: { portalPermissions: null } });
    expect(await read(id)).toMatchObject({ portalPermissions: {}, settings: {} });
  });

  it('two different values are a fault, and nothing is written', async () => {
    const refused = (pointer: string) => ({ code: 'validation', errors: [{ pointer, code: 'contradiction' }] });
    const creation = newClient(world, { name: 'N', invoiceDelivery: 'post', settings: { invoiceDelivery: 'email' } });
    await expect(creation).rejects.toMatchObject(refused('/settings/invoiceDelivery'));
    const { id } = await newClient(world, { name: 'N', invoiceDelivery: 'post' });
    for (const invoiceDelivery of ['portal', null])
      await expect(patch(id, { invoiceDelivery, settings: { invoiceDelivery: 'email' } })).rejects.toMatchObject(
        refused('/settings/invoiceDelivery'),
      );
    const permissions = { portalPermissions: { ledger: true }, settings: { portalPermissions: { ledger: false } } };
    await expect(patch(id, permissions)).rejects.toMatchObject(refused('/settings/portalPermissions/ledger'));
    expect(await read(id)).toMatchObject({ invoiceDelivery: 'post', version: 1 });
  });
});

describe('what was read', () => {
  it('can be sent back with one of the two spellings changed', async () => {
    const { id } = await newClient(world, {
      name: 'N',
      invoiceDelivery: 'post',
      portalPermissions: { ledger: false, quotes: false },
    });
    const seen = async () => {
      const { invoiceDelivery, portalPermissions, settings } = await read(id);
      return { invoiceDelivery, portalPermissions, settings };
    };
    const read1 = await seen();
    await patch(id, read1);
    expect((await read(id)).version).toBe(1);
    await patch(id, { ...read1, invoiceDelivery: 'email', portalPermissions: { ledger: true } });
    expect(await seen()).toMatchObject({
      invoiceDelivery: 'email',
      portalPermissions: { ledger: true, quotes: false },
      settings: { invoiceDelivery: 'email', portalPermissions: { ledger: true } },
    });
    const read2 = await seen();
    await patch(id, { ...read2, settings: { invoiceDelivery: 'none', portalPermissions: { quotes: true } } });
    expect(await seen()).toMatchObject({ invoiceDelivery: 'none', portalPermissions: { ledger: true, quotes: true } });
    await patch(id, { ...(await seen()), portalPermissions: null, invoiceDelivery: null });
    expect(await seen()).toEqual({ invoiceDelivery: null, portalPermissions: {}, settings: {} });
  });
});

describe('the phones of a client', () => {
  it('the first fax is the default fax, and an extension inside a number is parsed', async () => {
    const { id, defaultFax } = await newClient(world, {
      name: 'N',
      phones: [
        { kind: 'phone', number: '+1 (212) 555-0123 ext 44' },
        { kind: 'fax', number: '+1 212 555 0124' },
        { kind: 'fax', number: '+1 212 555 0125' },
      ],
    });
    expect(defaultFax).toMatchObject({ number: '+1 212 555 0124', e164: '+12125550124' });
    const { phones } = await read(id);
    expect(phones[0]).toMatchObject({ number: '+1 (212) 555-0123', extension: '44', e164: '+12125550123' });
    expect((await patch(id, { phones: [{ kind: 'phone', number: '030 901820 Durchwahl 7' }] })).defaultFax).toBeNull();
    expect((await read(id)).phones).toMatchObject([{ number: '030 901820', extension: '7', e164: '+4930901820' }]);
  });
});

describe('a second client with the same VAT number', () => {
  const warning = (id: string) => ({
    pointer: '/vatNumber',
    code: 'vat-duplicate',
    detail: expect.stringContaining(id),
  });

  it('is stored with a warning that names the first one; the first one takes no further call', async () => {
    const before = calls.length;
    const first = await newClient(world, { name: 'First', vatNumber: 'DE136695976' });
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['UpdateItem', 'TransactWriteItems']);
    expect(first.warnings).toEqual([]);
    const second = await newClient(world, { name: 'Second', number: 'vat-2', vatNumber: 'de 136.695-976' });
    expect(second.warnings).toMatchObject([warning(first.id)]);
    expect((await read(second.id)).warnings).toEqual([]);
    expect((await patch(second.id, { industry: 'Design' })).warnings).toEqual([]);
    const third = await newClient(world, { name: 'Third' });
    expect((await patch(third.id, { vatNumber: 'DE136695976' })).warnings).toMatchObject([warning(first.id)]);
    const stranger = await clientWorld(table);
    expect((await newClient(stranger, { name: 'Theirs', vatNumber: 'DE136695976' })).warnings).toEqual([]);
  });

  it('is none once the first one has another number', async () => {
    const first = await newClient(world, { name: 'First', vatNumber: 'ATU13585627' });
    expect((await patch(first.id, { vatNumber: 'ATU 13585627' })).warnings).toEqual([]);
    await patch(first.id, { vatNumber: null });
    const second = await newClient(world, { name: 'Second', vatNumber: 'ATU13585627' });
    expect(second.warnings).toEqual([]);
    expect((await patch(first.id, { vatNumber: 'ATU13585627' })).warnings).toMatchObject([warning(second.id)]);
  });

  it('of twenty at once, one is the first', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        newClient(world, { name: `${index}`, number: `at-once-${index}`, vatNumber: 'FR40303265045' }),
      ),
    );
    expect(made.filter(({ warnings }) => warnings.length === 0)).toHaveLength(1);
  });
});

describe('bulk actions with tags and settings', () => {
  it('add tags once, remove them whatever their case, and change single settings', async () => {
    const a = await newClient(world, { name: 'A', tags: ['Studio'], settings: { language: 'fr' } });
    const b = await newClient(world, { name: 'B' });
    const ids = [a.id, b.id];
    const run = (input: object) => world.bulk.run(world.principal, BulkInput.parse({ ids, ...input }));
    const done = { results: ids.map((id) => ({ id, status: 200 })) };
    expect(await run({ action: 'addTags', tags: ['studio', 'vip'] })).toEqual(done);
    expect((await read(a.id)).tags).toEqual(['Studio', 'vip']);
    expect((await read(b.id)).tags).toEqual(['studio', 'vip']);
    expect(await run({ action: 'removeTags', tags: ['STUDIO'] })).toEqual(done);
    expect((await read(a.id)).tags).toEqual(['vip']);
    expect(await run({ action: 'setSettings', settings: { language: null, invoiceDelivery: 'post' } })).toEqual(done);
    expect(await read(a.id)).toMatchObject({ invoiceDelivery: 'post', settings: { invoiceDelivery: 'post' } });
    expect((await read(a.id)).settings).not.toHaveProperty('language');
  });

  it('a client that would have too many tags is refused, and the others are changed', async () => {
    const full = await newClient(world, { name: 'Full', tags: Array.from({ length: 50 }, (_, index) => `t${index}`) });
    const free = await newClient(world, { name: 'Free' });
    const input = BulkInput.parse({ action: 'addTags', ids: [full.id, free.id], tags: ['more'] });
    const { results } = await world.bulk.run(world.principal, input);
    expect(results).toMatchObject([
      { status: 400, problem: { errors: [{ pointer: '/tags', code: 'too-many' }] } },
      { status: 200 },
    ]);
  });
});
