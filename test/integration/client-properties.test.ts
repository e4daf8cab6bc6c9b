import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { displayName } from '../../lib/clients/display-name.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientPatch, ContactInput, guardEntity } from '../../lib/clients/schema.ts';
import { mailbox } from '../../lib/shared/email.ts';
import { Problem } from '../../lib/shared/errors.ts';
import { type ClientId, ContactId, mintId } from '../../lib/shared/ids.ts';
import { usernameKey } from '../../lib/shared/username.ts';
import type { Table } from '../../lib/table/client.ts';
import { readItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { type ClientWorld, clientWorld, newClient } from '../support/client-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;

beforeAll(async () => {
  ({ table } = await freshTable());
});

const EMAILS = ['a@pool.example', 'b@pool.example', 'A@pool.example', 'c.d@gmail.com', 'cd@gmail.com'];
const USERNAMES = ['ada', 'ADA', 'bob', 'a@pool.example'];

const fields = fc.record(
  {
    firstName: fc.constantFrom('Ada', 'Bob', null),
    email: fc.constantFrom(...EMAILS, null),
    username: fc.constantFrom(...USERNAMES, null),
    isPrimary: fc.boolean(),
  },
  { requiredKeys: ['firstName', 'email'] },
);
const step = fc.record({
  kind: fc.constantFrom('create', 'create', 'patch', 'patch', 'remove', 'primary'),
  client: fc.nat(1),
  contact: fc.nat(5),
  fields,
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Runs a step on the contact that its index selects. The step may be refused. */
async function runStep({ clients, contacts, principal, source }: ClientWorld, ids: readonly ClientId[], step: Step) {
  const clientId = ids[step.client];
  if (!clientId) throw new Error('no client');
  const present = (await clients.profile(principal, clientId)).contacts;
  const contact = present[step.contact % Math.max(1, present.length)];
  const id = contact?.id ?? mintId(ContactId, 'con', source);
  const run = async () => {
    switch (step.kind) {
      case 'create': {
        const input = ContactInput.safeParse(step.fields);
        if (input.success) await contacts.create(principal, clientId, input.data, committing(table));
        return;
      }
      case 'patch':
        await contacts.patch(principal, clientId, id, step.fields, undefined);
        return;
      case 'remove':
        await contacts.remove(principal, clientId, id, undefined);
        return;
      case 'primary':
        await contacts.makePrimary(principal, clientId, id, undefined, committing(table));
    }
  };
  await run().catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
  });
}

async function holderOf(key: Parameters<typeof getItem>[1]): Promise<string | undefined> {
  const item = await getItem(table, key, true);
  return item && readItem(guardEntity, item).contactId;
}

it('in any order of operations, guards are those of existing contacts and each client has one primary contact', async () => {
  const interleaving = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(interleaving, async (rounds) => {
      const world = await clientWorld(table);
      const { companyId } = world.principal;
      const named = await newClient(world, { name: 'Named' });
      const nameless = await newClient(world, { contacts: [{ firstName: 'First', username: 'first' }] });
      const ids = [named.id, nameless.id];
      for (const round of rounds) {
        world.source.at = new Date(world.source.at.getTime() + 1);
        await Promise.all(round.map((each) => runStep(world, ids, each)));
      }

      const living = [];
      for (const id of ids) {
        const { contacts } = await world.clients.profile(world.principal, id);
        const client = await clientRepository(table).client(companyId, id);
        const primaries = contacts.filter(({ isPrimary }) => isPrimary);
        expect(primaries).toHaveLength(Math.min(1, contacts.length));
        const [primary] = primaries;
        expect(client?.primaryContact).toEqual(
          primary ? { id: primary.id, name: primary.firstName, email: primary.email } : null,
        );
        expect(client?.displayName).toBe(displayName(client?.name ?? null, contacts));
        expect(client?.displayName).not.toBe('');
        living.push(...contacts);
      }
      for (const email of EMAILS) {
        const owner = living.find((contact) => contact.email && mailbox(contact.email) === mailbox(email));
        expect(await holderOf(keys.contactEmail(companyId, mailbox(email)))).toBe(owner?.id);
      }
      for (const name of [...USERNAMES, ...EMAILS, 'first']) {
        const owners = living.filter(
          ({ portal }) => portal.username && usernameKey(portal.username) === usernameKey(name),
        );
        expect(owners.length).toBeLessThan(2);
        expect(await holderOf(keys.contactUsername(companyId, usernameKey(name)))).toBe(owners[0]?.id);
      }
    }),
    { numRuns: 20 },
  );
});

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The algorithm of RFC 7396, section 2, as a reference for the merge of the API. */
function rfc7396(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Json = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = rfc7396(result[name], value);
  }
  return result;
}

const short = fc.constantFrom('one', 'two', 'three');
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const part = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(members, { requiredKeys: [] });
const clientPatch = part({
  industry: orNull(short),
  size: orNull(short),
  idNumber: orNull(fc.uuid()),
  publicNotes: orNull(short),
  taxExempt: orNull(fc.boolean()),
  tags: orNull(fc.uniqueArray(short)),
  billingAddress: orNull(part({ city: orNull(short), line1: orNull(short), country: orNull(fc.constant('DE')) })),
  metadata: orNull(part({ a: orNull(short), b: orNull(short) })),
  settings: orNull(part({ paymentTermsDays: orNull(fc.nat(99)), language: orNull(fc.constantFrom('de', 'fr')) })),
  customFields: orNull(part({ custom1: orNull(fc.nat(9)), custom2: orNull(short) })),
});
/** The values of empty fields in a profile. */
const EMPTY: Json = { publicNotes: '', taxExempt: false, tags: [], metadata: {}, settings: {}, customFields: {} };
const EMPTY_ADDRESS = {
  attention: null,
  line1: null,
  line2: null,
  city: null,
  state: null,
  postalCode: null,
  country: null,
};

it('a patch of a client changes its profile as RFC 7396 says, and nothing else', async () => {
  const world = await clientWorld(table);
  await fc.assert(
    fc.asyncProperty(fc.array(clientPatch, { minLength: 1, maxLength: 4 }), async (patches) => {
      const { id } = await newClient(world, { name: 'Patched', contacts: [{ firstName: 'Stays' }] });
      let shown: Json = { ...(await world.clients.profile(world.principal, id)) };
      for (const patch of patches) {
        const after: Json = {
          ...(await world.clients.patch(world.principal, id, ClientPatch.parse(patch), undefined)),
        };
        const expected = Object(rfc7396(shown, patch));
        for (const name of Object.keys(shown)) {
          if (name === 'version' || name === 'updatedAt') continue;
          const wanted = expected[name] ?? EMPTY[name] ?? null;
          const whole = name === 'billingAddress' && wanted !== null ? { ...EMPTY_ADDRESS, ...wanted } : wanted;
          expect(after[name], name).toEqual(whole);
        }
        const same = isDeepStrictEqual(
          { ...after, version: 0, updatedAt: '' },
          { ...shown, version: 0, updatedAt: '' },
        );
        expect(after.version).toBe(Number(shown.version) + (same ? 0 : 1));
        shown = after;
      }
    }),
    { numRuns: 30 },
  );
});
