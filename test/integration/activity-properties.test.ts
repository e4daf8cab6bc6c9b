import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { PRIVATE_FIELDS } from '../../lib/activity/client-activity.ts';
import { activityLog } from '../../lib/activity/repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientPatch } from '../../lib/clients/schema.ts';
import { clientSettingsService } from '../../lib/settings/client-settings.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { type ClientWorld, clientWorld, newClient } from '../support/client-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

const MARK = 'for our eyes only';
const secret = fc.nat(99).map((which) => `${MARK} ${which}`);
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const some = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(members, { requiredKeys: [] });
const short = fc.constantFrom('one', 'two', 'three');
const language = orNull(fc.constantFrom('de', 'fr'));
const ofPrivate = Object.fromEntries(PRIVATE_FIELDS.map((name) => [name, fc.option(secret, { nil: '' })]));
const patch = some({
  ...ofPrivate,
  industry: orNull(short),
  status: fc.constantFrom('active', 'inactive'),
  tags: orNull(fc.uniqueArray(short)),
  billingAddress: orNull(some({ city: orNull(short), country: orNull(fc.constantFrom('DE', 'GB')) })),
  phones: orNull(fc.array(fc.record({ kind: fc.constant('phone'), number: fc.constantFrom('030 1', '030 2') }))),
  metadata: orNull(some({ a: orNull(short), 'b.c': orNull(short) })),
  settings: orNull(some({ language, paymentTermsDays: orNull(fc.nat(9)) })),
});
const step = fc.oneof(
  patch.map((fields) => ({ kind: 'client', fields }) as const),
  some({ language }).map((fields) => ({ kind: 'settings', fields }) as const),
  some({ title: orNull(short), username: orNull(short) }).map((fields) => ({ kind: 'contact', fields }) as const),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function runStep({ clients, contacts, principal, source }: ClientWorld, id: ClientId, { kind, fields }: Step) {
  if (kind === 'client') return clients.patch(principal, id, ClientPatch.parse(fields), undefined);
  if (kind === 'settings') {
    const settings = settingsRepository(table);
    const own = clientSettingsService({
      clients: clientRepository(table),
      settings,
      commit: committing(table),
      source,
    });
    return own.change(principal, id, fields, undefined);
  }
  const [contact] = (await clients.profile(principal, id)).contacts;
  if (!contact) throw new Error('no contact');
  return contacts.patch(principal, id, contact.id, fields, undefined);
}

/** The value at a path, or null if there is none. Keys of metadata may contain dots. */
function at(record: unknown, path: string): unknown {
  if (path === '') return Array.isArray(record) && record.length === 0 ? null : record;
  if (typeof record !== 'object' || record === null) return null;
  const [name] = Object.keys(record).filter((key) => path === key || path.startsWith(`${key}.`));
  return name === undefined ? null : at(Object(record)[name], path.slice(name.length + 1));
}

it('each change leaves one activity entry with what it changed, and nothing private', async () => {
  await fc.assert(
    fc.asyncProperty(secret, fc.array(step, { minLength: 1, maxLength: 6 }), async (note, steps) => {
      const world = await clientWorld(table);
      const { companyId } = world.principal;
      const contacts = [{ firstName: 'Ada' }];
      const { id } = await newClient(world, { name: 'C', privateNotes: note, contacts });
      const entries = async () =>
        (await activityLog(table).page(companyId, id, { limit: 50, after: undefined })).entries;
      const state = async () => {
        const { contacts: all, ...client } = await world.clients.profile(world.principal, id);
        return { client, contact: all[0] };
      };
      for (const one of steps) {
        const [before, had] = [await state(), await entries()];
        await runStep(world, id, one);
        const [after, has] = [await state(), await entries()];
        expect(has.slice(-had.length)).toEqual(had);
        const [made, ...more] = has.slice(0, has.length - had.length);
        expect(more).toEqual([]);
        if (after.client.version === before.client.version) expect(made).toBeUndefined();
        const side = one.kind === 'contact' ? 'contact' : 'client';
        for (const { field, from, to } of made?.changes ?? []) {
          const [was, is] = [at(before[side], field), at(after[side], field)];
          expect(is, field).not.toEqual(was);
          if (!PRIVATE_FIELDS.includes(field)) expect([was, is], field).toEqual([from, to]);
        }
        for (const field of ['industry', 'status', ...PRIVATE_FIELDS])
          if (at(before.client, field) !== at(after.client, field))
            expect(made?.changes.map((change) => change.field)).toContain(field);
      }
      expect(JSON.stringify(await queryAll(table, ranges.activity(companyId, id)))).not.toContain(MARK);
    }),
    { numRuns: 25 },
  );
});
