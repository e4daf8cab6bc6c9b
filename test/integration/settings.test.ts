import { beforeAll, describe, expect, it } from 'vitest';
import { accountRepository } from '../../lib/accounts/repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput, ClientPatch } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { groupService } from '../../lib/groups/service.ts';
import { numberPreview } from '../../lib/numbers/preview.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { clientSettingsService } from '../../lib/settings/client-settings.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import { ClientId, generalGroupId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { openCompany } from '../support/company.ts';
import { newAccountsOf } from '../support/new-accounts.ts';
import { freshTable, type TestSource, testSource } from '../support/table.ts';

let table: Table;
let calls: Call[];

beforeAll(async () => {
  ({ table, calls } = await freshTable());
});

async function world(source: TestSource = testSource()) {
  const principal = await openCompany(table, source);
  const repository = settingsRepository(table);
  const clients = clientRepository(table);
  return {
    source,
    principal,
    companyId: principal.companyId,
    settings: companySettingsServices({ table, source }).settings,
    groups: groupService(groupRepository(table), source),
    own: clientSettingsService({ clients, settings: repository, commit: committing(table), source }),
    clients: clientService({
      clients,
      nextNumber: clientNumbers(table, source).next,
      customFieldFaults: customFieldChecks(repository).ofClient,
      accounts: newAccountsOf(table, source),
      commit: committing(table),
      source,
    }),
    preview: numberPreview(repository, source).preview,
  };
}

type World = Awaited<ReturnType<typeof world>>;

const create = ({ clients, principal }: World, fields: Record<string, unknown>, as: Principal = principal) =>
  clients.create(as, ClientInput.parse({ name: 'A client', ...fields }), committing(table));

/** The caller, as the next request reads it after a change of the settings. */
async function currentPrincipal({ principal, companyId }: World): Promise<Principal> {
  const { customFieldsDefined, customFieldShapes } = await accountRepository(table).company(companyId);
  return { ...principal, customFieldsDefined, customFieldShapes };
}

describe('the settings of a client', () => {
  it('settings come from the nearest level, and fall back a level when unset', async () => {
    const fixture = await world();
    const { id: groupId } = await fixture.groups.create(
      fixture.companyId,
      { name: 'Key', settings: {} },
      committing(table),
    );
    const { id } = await create(fixture, { groupId });
    const terms = async () => (await fixture.own.read(fixture.principal, id)).paymentTermsDays;
    expect(await terms()).toEqual({ value: 30, source: 'default' });
    await fixture.settings.change(fixture.companyId, { paymentTermsDays: 20 }, undefined);
    expect(await terms()).toEqual({ value: 20, source: 'company' });
    await fixture.groups.change(fixture.companyId, groupId, { settings: { paymentTermsDays: 10 } }, undefined);
    expect(await terms()).toEqual({ value: 10, source: 'group' });
    await fixture.own.change(fixture.principal, id, { paymentTermsDays: 5 }, undefined);
    expect(await terms()).toEqual({ value: 5, source: 'client' });
    await fixture.own.change(fixture.principal, id, { paymentTermsDays: null }, undefined);
    expect(await terms()).toEqual({ value: 10, source: 'group' });
    await fixture.groups.change(fixture.companyId, groupId, { settings: { paymentTermsDays: null } }, undefined);
    expect(await terms()).toEqual({ value: 20, source: 'company' });
    await fixture.settings.change(fixture.companyId, { paymentTermsDays: null }, undefined);
    expect(await terms()).toEqual({ value: 30, source: 'default' });
  });

  it('settings of a group change for all its clients with one write', async () => {
    const fixture = await world();
    const { id: groupId } = await fixture.groups.create(
      fixture.companyId,
      { name: 'Key', settings: {} },
      committing(table),
    );
    const ids = await Promise.all(Array.from({ length: 5 }, async () => (await create(fixture, { groupId })).id));
    const before = calls.length;
    await fixture.groups.change(fixture.companyId, groupId, { settings: { language: 'fr' } }, undefined);
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['GetItem', 'PutItem']);
    for (const id of ids)
      expect((await fixture.own.read(fixture.principal, id)).language).toEqual({ value: 'fr', source: 'group' });
  });

  it('delivery and portal permissions of the client itself take part in the cascade', async () => {
    const fixture = await world();
    const { id } = await create(fixture, { invoiceDelivery: 'post', portalPermissions: { invoices: false } });
    const found = await fixture.own.read(fixture.principal, id);
    expect(found.invoiceDelivery).toEqual({ value: 'post', source: 'client' });
    expect(found.portalPermissions).toMatchObject({
      value: { invoices: false, quotes: true },
      source: 'client',
      sources: { invoices: 'client', quotes: 'default' },
    });
    const { effective } = await fixture.own.change(
      fixture.principal,
      id,
      { invoiceDelivery: null, portalPermissions: { invoices: null, ledger: false } },
      undefined,
    );
    expect(effective.invoiceDelivery).toEqual({ value: 'email', source: 'default' });
    expect(effective.portalPermissions.sources).toMatchObject({ invoices: 'default', ledger: 'client' });
    const { invoiceDelivery, portalPermissions, settings } = await fixture.clients.profile(fixture.principal, id);
    expect({ invoiceDelivery, portalPermissions, settings }).toEqual({
      invoiceDelivery: null,
      portalPermissions: { ledger: false },
      settings: { portalPermissions: { ledger: false } },
    });
  });

  it('of two changes of settings both are made without a version, and one with the same version', async () => {
    const fixture = await world();
    const { id, version } = await create(fixture, {});
    const rivals = await Promise.allSettled(
      [1, 2].map((days) => fixture.own.change(fixture.principal, id, { paymentTermsDays: days }, [version])),
    );
    expect(rivals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all([
      fixture.own.change(fixture.principal, id, { quoteValidDays: 3 }, undefined),
      fixture.own.change(fixture.principal, id, { language: 'de' }, undefined),
    ]);
    const found = await fixture.own.read(fixture.principal, id);
    expect([found.quoteValidDays.value, found.language.value]).toEqual([3, 'de']);
  });

  it('invalid settings are named by their key', async () => {
    const fixture = await world();
    const { id } = await create(fixture, {});
    const rule = { days: 3, when: 'afterDueDate' } as const;
    await expect(
      fixture.own.change(fixture.principal, id, { reminders: { sendHour: 8, rules: [rule, rule] } }, undefined),
    ).rejects.toMatchObject({ code: 'validation', errors: [{ pointer: '/reminders/rules/1', code: 'duplicate' }] });
    await expect(
      fixture.own.change(fixture.principal, id, { reminders: { sendHour: 9 } }, undefined),
    ).rejects.toMatchObject({
      errors: [{ pointer: '/reminders/rules', code: 'required' }],
    });
  });
});

describe('the settings of the company', () => {
  it('a default that is not set stays a default, whatever else is set', async () => {
    const fixture = await world();
    await fixture.settings.change(fixture.companyId, { portalPermissions: { quotes: false } }, undefined);
    const { id } = await create(fixture, {});
    const { portalPermissions, reminders } = await fixture.own.read(fixture.principal, id);
    expect(portalPermissions.sources).toMatchObject({ quotes: 'company', invoices: 'default' });
    expect(reminders.source).toBe('default');
    const shown = await fixture.settings.read(fixture.companyId);
    expect(shown.portalPermissions).toMatchObject({ quotes: false, invoices: true });
    const after = await fixture.settings.change(fixture.companyId, { reminders: { sendHour: 6 } }, undefined);
    expect(after.reminders).toEqual({ sendHour: 6, rules: [] });
  });

  it('changes of settings at once without a version are all made', async () => {
    const fixture = await world();
    await Promise.all(
      [{ paymentTermsDays: 1 }, { quoteValidDays: 2 }, { emailSignature: 'Kind regards' }].map((patch) =>
        fixture.settings.change(fixture.companyId, patch, undefined),
      ),
    );
    expect(await fixture.settings.read(fixture.companyId)).toMatchObject({
      paymentTermsDays: 1,
      quoteValidDays: 2,
      emailSignature: 'Kind regards',
    });
  });
});

describe('custom fields', () => {
  const tier = { label: 'Tier', kind: 'choice' as const, choices: ['gold', 'silver'], required: true };

  it('custom fields are unchecked and cost no call until the company defines one', async () => {
    const fixture = await world();
    expect((await currentPrincipal(fixture)).customFieldsDefined).toBe(false);
    const before = calls.length;
    await create(fixture, { customFields: { custom1: true, custom2: 7, custom3: 'x' } });
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['UpdateItem', 'TransactWriteItems']);
    await fixture.settings.change(fixture.companyId, { customFields: { client: { custom1: tier } } }, undefined);
    expect((await currentPrincipal(fixture)).customFieldsDefined).toBe(true);
  });

  it('custom fields of a new client and its contacts are checked all at once', async () => {
    const fixture = await world();
    const customFields = { client: { custom1: tier }, contact: { custom2: { label: 'Born', kind: 'date' } } } as const;
    await fixture.settings.change(fixture.companyId, { customFields }, undefined);
    const as = await currentPrincipal(fixture);
    const contacts = [{ firstName: 'Ada' }, { firstName: 'Bob', customFields: { custom2: 'soon' } }];
    await expect(create(fixture, { contacts, customFields: { custom2: 'free' } }, as)).rejects.toMatchObject({
      code: 'validation',
      errors: [
        { pointer: '/customFields/custom1', code: 'required' },
        { pointer: '/contacts/1/customFields/custom2', code: 'wrong-format' },
      ],
    });
    await create(fixture, { customFields: { custom1: 'gold' } }, as);
  });

  it('custom fields stored before their definition changed stay, and block no other change', async () => {
    const fixture = await world();
    const { id } = await create(fixture, { customFields: { custom1: 'bronze', custom2: 'x' } });
    const definitions = { client: { custom1: tier, custom2: { label: 'Score', kind: 'number' } } } as const;
    await fixture.settings.change(fixture.companyId, { customFields: definitions }, undefined);
    const as = await currentPrincipal(fixture);
    const patch = (fields: Record<string, unknown>) => fixture.clients.patch(as, id, fields, undefined);
    expect((await fixture.clients.profile(as, id)).customFields).toEqual({ custom1: 'bronze', custom2: 'x' });
    expect((await patch({ industry: 'Design' })).customFields.custom1).toBe('bronze');
    expect((await patch({ customFields: { custom1: 'bronze', custom2: 7 } })).customFields).toEqual({
      custom1: 'bronze',
      custom2: 7,
    });
    await expect(patch({ customFields: { custom1: 'copper' } })).rejects.toMatchObject({
      errors: [{ pointer: '/customFields/custom1', code: 'not-allowed' }],
    });
    await expect(patch({ customFields: { custom1: null } })).rejects.toMatchObject({
      errors: [{ pointer: '/customFields/custom1', code: 'required' }],
    });
  });

  describe('a change of a definition', () => {
    const define = (fixture: World, subject: 'client' | 'contact', custom1: object | null, force = false) =>
      fixture.settings.change(fixture.companyId, { customFields: { [subject]: { custom1 } } }, undefined, force);
    const inUse = (detail: string) => ({
      code: 'custom-field-in-use',
      errors: [{ pointer: '/customFields/client/custom1', detail: expect.stringContaining(detail) }],
    });
    const score = { label: 'Score', kind: 'number' };

    it('a kind that stored values do not fit is refused with their count, or forced; then they are hidden', async () => {
      const fixture = await world();
      await define(fixture, 'client', score);
      const ids: ClientId[] = [];
      for (const custom1 of [7, 8]) ids.push((await create(fixture, { customFields: { custom1, custom2: 'x' } })).id);
      await create(fixture, { name: 'Without' });
      const date = { kind: 'date' };
      await expect(define(fixture, 'client', date)).rejects.toMatchObject(inUse('Score: 2 clients have a value'));
      expect((await fixture.settings.read(fixture.companyId)).customFields.client.custom1).toEqual(score);
      await define(fixture, 'client', date, true);
      const as = await currentPrincipal(fixture);
      const [id = ''] = ids;
      const shown = async () =>
        (await fixture.clients.profile(await currentPrincipal(fixture), ClientId.parse(id))).customFields;
      expect(await shown()).toEqual({ custom2: 'x' });
      const patch = (custom1: unknown) =>
        fixture.clients.patch(as, ClientId.parse(id), ClientPatch.parse({ customFields: { custom1 } }), undefined);
      await expect(patch(9)).rejects.toMatchObject({ errors: [{ pointer: '/customFields/custom1' }] });
      // Back to the old meaning: what was hidden shows again.
      await define(fixture, 'client', { kind: 'number' });
      expect(await shown()).toEqual({ custom1: 7, custom2: 'x' });
      await define(fixture, 'client', date, true);
      expect((await patch('2026-01-31')).customFields).toEqual({ custom1: '2026-01-31', custom2: 'x' });
    });

    it('choices can be added; to remove one that clients have is refused, and one that nobody has is not', async () => {
      const fixture = await world();
      await define(fixture, 'client', { ...tier, required: false });
      await create(fixture, { customFields: { custom1: 'gold' } });
      const choose = (...choices: string[]) => define(fixture, 'client', { choices });
      await choose('gold', 'silver', 'bronze');
      await choose('gold');
      await expect(choose('silver')).rejects.toMatchObject(inUse('1 client has a value'));
      await define(fixture, 'client', { kind: 'text' });
      await define(fixture, 'client', { label: 'Level', required: true });
    });

    it('a removed field shows no value and accepts none, until it is defined again', async () => {
      const fixture = await world();
      await define(fixture, 'contact', { label: 'Seat', kind: 'text' });
      const contacts = [{ firstName: 'Ada', customFields: { custom1: '3A' } }];
      const { id } = await create(fixture, { contacts });
      await expect(define(fixture, 'contact', null)).rejects.toMatchObject({
        code: 'custom-field-in-use',
        errors: [{ detail: 'Seat: 1 client has contacts with a value that would no longer be shown.' }],
      });
      await define(fixture, 'contact', null, true);
      const shown = async () => (await fixture.clients.profile(await currentPrincipal(fixture), id)).contacts;
      expect(await shown()).toMatchObject([{ customFields: {} }]);
      const as = await currentPrincipal(fixture);
      await expect(create(fixture, { contacts }, as)).rejects.toMatchObject({
        errors: [{ pointer: '/contacts/0/customFields/custom1', code: 'not-allowed' }],
      });
      await define(fixture, 'contact', { label: 'Seat', kind: 'text' });
      expect(await shown()).toMatchObject([{ customFields: { custom1: '3A' } }]);
    });

    it('of two fields that are narrowed at once each is counted', async () => {
      const fixture = await world();
      const text = (label: string) => ({ label, kind: 'text' as const });
      const both = { custom1: text('One'), custom2: text('Two') };
      await fixture.settings.change(fixture.companyId, { customFields: { client: both } }, undefined);
      await create(fixture, { customFields: { custom1: 'a' } });
      await create(fixture, { customFields: { custom1: 'b', custom2: 'c' } });
      const neither = { customFields: { client: { custom1: null, custom2: null } } };
      await expect(fixture.settings.change(fixture.companyId, neither, undefined)).rejects.toMatchObject({
        errors: [{ detail: expect.stringContaining('One: 2') }, { detail: expect.stringContaining('Two: 1') }],
      });
    });
  });

  it('a custom field loses its choices when its kind changes', async () => {
    const fixture = await world();
    await fixture.settings.change(fixture.companyId, { customFields: { client: { custom1: tier } } }, undefined);
    const after = await fixture.settings.change(
      fixture.companyId,
      { customFields: { client: { custom1: { kind: 'text' } } } },
      undefined,
    );
    expect(after.customFields.client.custom1).toEqual({ label: 'Tier', kind: 'text', required: true });
    await expect(
      fixture.settings.change(
        fixture.companyId,
        { customFields: { client: { custom1: { kind: 'choice' } } } },
        undefined,
      ),
    ).rejects.toMatchObject({ errors: [{ pointer: '/customFields/client/custom1/choices', code: 'required' }] });
  });
});

describe('a preview of numbers', () => {
  it('a number preview shows what the next clients get, and uses no number', async () => {
    const fixture = await world();
    await fixture.settings.change(
      fixture.companyId,
      { clientNumber: { pattern: 'C{counter:3}', next: 41 } },
      undefined,
    );
    const { numbers } = await fixture.preview(fixture.companyId, { clientNumber: {} });
    expect(numbers).toEqual(['C041', 'C042', 'C043']);
    expect(await fixture.preview(fixture.companyId, { clientNumber: {} })).toMatchObject({ numbers });
    const made: string[] = [];
    for (let index = 0; index < 3; index++) made.push((await create(fixture, {})).number);
    expect(made).toEqual(numbers);
  });

  it('a number preview tries an unsaved pattern, marks taken numbers and fills in the group', async () => {
    const fixture = await world();
    await create(fixture, { number: 'GENERAL-0008' });
    const asked = { pattern: '{group}-{counter:4}', next: 7 };
    expect(await fixture.preview(fixture.companyId, { clientNumber: asked })).toEqual({
      numbers: ['GENERAL-0007', 'GENERAL-0008', 'GENERAL-0009'],
      taken: ['GENERAL-0008'],
      numbering: { ...asked, reset: 'never' },
    });
    const group = await fixture.groups.create(
      fixture.companyId,
      { name: 'Key accounts', settings: {} },
      committing(table),
    );
    const { numbers } = await fixture.preview(fixture.companyId, { clientNumber: asked, groupId: group.id });
    expect(numbers[0]).toBe('KEY-ACCOUNTS-0007');
    expect((await fixture.settings.read(fixture.companyId)).clientNumber).toMatchObject({ pattern: '{counter:4}' });
  });

  it('a number preview points at the error in a pattern', async () => {
    const fixture = await world();
    const asked = fixture.preview(fixture.companyId, { clientNumber: { pattern: '{counter', reset: 'never' } });
    await expect(asked).rejects.toMatchObject({
      code: 'validation',
      errors: [{ pointer: '/clientNumber/pattern', code: 'bad-pattern' }],
    });
    const reset = fixture.preview(fixture.companyId, { clientNumber: { reset: 'yearly' } });
    await expect(reset).rejects.toMatchObject({ errors: [{ pointer: '/clientNumber/pattern' }] });
  });

  it('a number preview restarts at 1 in a new period, as the next client does', async () => {
    const fixture = await world(testSource('2025-12-31T10:00:00Z'));
    const clientNumber = { pattern: '{year}-{counter:3}', reset: 'yearly' as const, next: 57 };
    await fixture.settings.change(fixture.companyId, { clientNumber }, undefined);
    fixture.source.at = new Date('2026-01-02T10:00:00Z');
    expect((await fixture.preview(fixture.companyId, { clientNumber: {} })).numbers[0]).toBe('2026-001');
    expect((await fixture.settings.read(fixture.companyId)).clientNumber.next).toBe(1);
    await fixture.settings.change(fixture.companyId, { clientNumber: { pattern: '{year}/{counter:3}' } }, undefined);
    expect((await create(fixture, {})).number).toBe('2026/001');
  });

  it('a number preview starts from a changed counter', async () => {
    const fixture = await world();
    await create(fixture, {});
    await fixture.settings.change(fixture.companyId, { clientNumber: { next: 500 } }, undefined);
    expect((await fixture.preview(fixture.companyId, { clientNumber: {} })).numbers[0]).toBe('0500');
    expect((await create(fixture, {})).number).toBe('0500');
    await expect(create(fixture, { number: '0500' })).rejects.toMatchObject({
      code: 'number-taken',
      errors: [{ pointer: '/number', code: 'taken' }],
    });
  });
});

it('a new company has the General group with empty settings', async () => {
  const fixture = await world();
  const general = await fixture.groups.read(fixture.companyId, generalGroupId(fixture.companyId));
  expect(general).toMatchObject({ name: 'General', settings: {}, status: 'active', deletion: null });
});
