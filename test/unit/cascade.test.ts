import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientLevel, effectiveSettings, type Levels } from '../../lib/settings/cascade.ts';
import { DEFAULT_SETTINGS, EffectiveSettings, InvoiceDelivery, type LevelSettings } from '../../lib/settings/schema.ts';

const money = fc.record({ amount: fc.nat(), currency: fc.constantFrom('EUR', 'GBP', 'JPY') });
const permissions = fc.record(
  {
    client: fc.boolean(),
    documents: fc.boolean(),
    invoices: fc.boolean(),
    quotes: fc.boolean(),
    ledger: fc.boolean(),
    statement: fc.boolean(),
  },
  { requiredKeys: [] },
);
const values = {
  currency: fc.constantFrom('EUR', 'GBP', 'JPY'),
  language: fc.constantFrom('en', 'de', 'fr-CA'),
  timezone: fc.constantFrom('UTC', 'Europe/Berlin'),
  paymentTermsDays: fc.nat(3650),
  quoteValidDays: fc.nat(3650),
  taskHourlyRate: money,
  sendReminders: fc.boolean(),
  reminders: fc.record({
    sendHour: fc.nat(23),
    rules: fc.array(fc.record({ days: fc.nat(9), when: fc.constant('afterDueDate' as const) })),
  }),
  invoiceDelivery: fc.constantFrom(...InvoiceDelivery.options),
  emailSignature: fc.string(),
  documentLanguage: fc.constantFrom('en', 'es'),
  defaultPublicNotes: fc.string(),
};
const level: fc.Arbitrary<LevelSettings> = fc.record(
  { ...values, portalPermissions: permissions },
  { requiredKeys: [] },
);
const levels: fc.Arbitrary<Levels> = fc.record({ client: level, group: level, company: level });
const key = fc.constantFrom(...(Object.keys(values) as (keyof typeof values)[]));
const permission = fc.constantFrom('client', 'documents', 'invoices', 'quotes', 'ledger', 'statement' as const);
const name = fc.constantFrom('client', 'group', 'company' as const);

const without = <T extends object>(from: T, one: PropertyKey) =>
  Object.fromEntries(Object.entries(from).filter(([member]) => member !== one));

const order = ['client', 'group', 'company'] as const;

describe('the settings that hold for a client', () => {
  it('are those of the nearest level that sets them, and say which that is', () => {
    fc.assert(
      fc.property(levels, key, (given, one) => {
        const nearest = order.find((level) => given[level][one] !== undefined);
        const found = effectiveSettings(given)[one];
        expect(found.source).toBe(nearest ?? 'default');
        if (nearest) expect(found.value).toEqual(given[nearest][one]);
      }),
    );
  });

  it('fall back to the next level when one unsets them, and leave all others alone', () => {
    fc.assert(
      fc.property(levels, key, name, (given, one, at) => {
        const after = effectiveSettings({ ...given, [at]: without(given[at], one) });
        const before = effectiveSettings(given);
        if (before[one].source === at) {
          const further = order.slice(order.indexOf(at) + 1).find((level) => given[level][one] !== undefined);
          expect(after[one].source).toBe(further ?? 'default');
        } else expect(after[one]).toEqual(before[one]);
        // Without a language of its own a document takes the language of everything else.
        for (const other of Object.keys(values) as (keyof typeof values)[])
          if (other !== one && other !== 'documentLanguage') expect(after[other]).toEqual(before[other]);
      }),
    );
  });

  it('look the parts of the portal up one by one', () => {
    fc.assert(
      fc.property(levels, permission, (given, one) => {
        const nearest = order.find((level) => given[level].portalPermissions?.[one] !== undefined);
        const { value, source, sources } = effectiveSettings(given).portalPermissions;
        expect(sources[one]).toBe(nearest ?? 'default');
        expect(value[one]).toBe(
          nearest ? given[nearest].portalPermissions?.[one] : DEFAULT_SETTINGS.portalPermissions[one],
        );
        expect([...order, 'default'].find((level) => Object.values(sources).includes(level as typeof source))).toBe(
          source,
        );
      }),
    );
  });

  it('change for every client of a group with the one change of the group', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 5 }), level, level, level, (clients, before, after, company) => {
        for (const client of clients) {
          const [was, is] = [before, after].map((group) => effectiveSettings({ client, group, company }));
          for (const one of Object.keys(values) as (keyof typeof values)[])
            if (client[one] === undefined && after[one] !== undefined) expect(is?.[one].value).toEqual(after[one]);
            else if (client[one] !== undefined) expect(is?.[one]).toEqual(was?.[one]);
        }
      }),
    );
  });

  it('are all there, in the shape of the contract, where nobody sets anything', () => {
    const company = { currency: 'GBP', language: 'en', timezone: 'Europe/London' };
    const found = EffectiveSettings.parse(effectiveSettings({ client: {}, group: {}, company }));
    expect(found.currency).toEqual({ value: 'GBP', source: 'company' });
    expect(found.paymentTermsDays).toEqual({ value: 30, source: 'default' });
    expect(found.taskHourlyRate).toEqual({ value: null, source: 'default' });
    expect(found.documentLanguage).toEqual({ value: 'en', source: 'default' });
    expect(found.portalPermissions.source).toBe('default');
  });
});

describe("a client's own level", () => {
  it('has the fields of the client that are settings as well, before its settings', () => {
    const settings = { invoiceDelivery: 'post', portalPermissions: { invoices: true, quotes: false } } as const;
    expect(clientLevel({ settings, invoiceDelivery: 'none', portalPermissions: { invoices: false } })).toEqual({
      invoiceDelivery: 'none',
      portalPermissions: { invoices: false, quotes: false },
    });
    expect(clientLevel({ settings: {}, invoiceDelivery: null, portalPermissions: {} })).toEqual({});
  });
});
