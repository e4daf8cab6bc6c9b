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

const without = <T extends object>(from: T, setting: PropertyKey) =>
  Object.fromEntries(Object.entries(from).filter(([member]) => member !== setting));

const order = ['client', 'group', 'company'] as const;

describe('the effective settings of a client', () => {
  it('a setting comes from the nearest level that has it, and names that level', () => {
    fc.assert(
      fc.property(levels, key, (given, setting) => {
        const nearest = order.find((level) => given[level][setting] !== undefined);
        const found = effectiveSettings(given)[setting];
        expect(found.source).toBe(nearest ?? 'default');
        if (nearest) expect(found.value).toEqual(given[nearest][setting]);
      }),
    );
  });

  it('a setting falls back to the next level when it is unset, and no other setting changes', () => {
    fc.assert(
      fc.property(levels, key, name, (given, setting, at) => {
        const after = effectiveSettings({ ...given, [at]: without(given[at], setting) });
        const before = effectiveSettings(given);
        if (before[setting].source === at) {
          const further = order.slice(order.indexOf(at) + 1).find((level) => given[level][setting] !== undefined);
          expect(after[setting].source).toBe(further ?? 'default');
        } else expect(after[setting]).toEqual(before[setting]);
        // Without a language of its own a document takes the language of everything else.
        for (const other of Object.keys(values) as (keyof typeof values)[])
          if (other !== setting && other !== 'documentLanguage') expect(after[other]).toEqual(before[other]);
      }),
    );
  });

  it('each portal permission is looked up on its own', () => {
    fc.assert(
      fc.property(levels, permission, (given, setting) => {
        const nearest = order.find((level) => given[level].portalPermissions?.[setting] !== undefined);
        const { value, source, sources } = effectiveSettings(given).portalPermissions;
        expect(sources[setting]).toBe(nearest ?? 'default');
        expect(value[setting]).toBe(
          nearest ? given[nearest].portalPermissions?.[setting] : DEFAULT_SETTINGS.portalPermissions[setting],
        );
        expect([...order, 'default'].find((level) => Object.values(sources).includes(level as typeof source))).toBe(
          source,
        );
      }),
    );
  });

  it('a change of a group applies to all its clients', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 5 }), level, level, level, (clients, before, after, company) => {
        for (const client of clients) {
          const [was, is] = [before, after].map((group) => effectiveSettings({ client, group, company }));
          for (const setting of Object.keys(values) as (keyof typeof values)[])
            if (client[setting] === undefined && after[setting] !== undefined)
              expect(is?.[setting].value).toEqual(after[setting]);
            else if (client[setting] !== undefined) expect(is?.[setting]).toEqual(was?.[setting]);
        }
      }),
    );
  });

  it('without any setting, all have defaults and match the contract', () => {
    const company = { currency: 'GBP', language: 'en', timezone: 'Europe/London' };
    const found = EffectiveSettings.parse(effectiveSettings({ client: {}, group: {}, company }));
    expect(found.currency).toEqual({ value: 'GBP', source: 'company' });
    expect(found.paymentTermsDays).toEqual({ value: 30, source: 'default' });
    expect(found.taskHourlyRate).toEqual({ value: null, source: 'default' });
    expect(found.documentLanguage).toEqual({ value: 'en', source: 'default' });
    expect(found.portalPermissions.source).toBe('default');
  });
});

describe('the level of a client', () => {
  it('fields of the client that are settings too take precedence over its settings', () => {
    const settings = { invoiceDelivery: 'post', portalPermissions: { invoices: true, quotes: false } } as const;
    expect(clientLevel({ settings, invoiceDelivery: 'none', portalPermissions: { invoices: false } })).toEqual({
      invoiceDelivery: 'none',
      portalPermissions: { invoices: false, quotes: false },
    });
    expect(clientLevel({ settings: {}, invoiceDelivery: null, portalPermissions: {} })).toEqual({});
  });
});
