import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { ClientInput, clientEntity, contactEntity, ListedClient } from '../../lib/clients/schema.ts';
import { indexItems } from '../../lib/search/index-items.ts';
import { clientRowEntity, postingEntity } from '../../lib/search/schema.ts';
import type { Table } from '../../lib/table/client.ts';
import { asItem, readItem } from '../../lib/table/entity.ts';
import { committing } from '../../lib/table/transaction.ts';
import { clientWorld } from '../support/client-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
beforeAll(async () => {
  ({ table } = await freshTable());
});

/** Characters that lists, keys and marshalling could stumble over. */
const TELLING = [
  ...'aZ9 -.,/@_:+%"\\(){}#',
  '\u0000',
  '\n',
  '\u2028',
  '\u200b',
  '\u200d',
  '\u202e',
  '\u00ad',
  '\ufeff',
];
const unit = fc.oneof(
  { weight: 3, arbitrary: fc.constant('a') },
  { weight: 1, arbitrary: fc.constantFrom(...TELLING, 'é', 'e\u0301', '😀', '𠀀', 'ß', 'ﷺ', '\ud800') },
);
const text = fc.string({ unit, minLength: 1, maxLength: 8 });
const key = fc.oneof(text, fc.constantFrom('constructor', 'prototype', 'valueOf'));

/** A client with one or two fields of such text. */
const fields = fc
  .tuple(
    fc.oneof(
      ...['name', 'number', 'idNumber', 'vatNumber', 'website', 'publicNotes'].map((name) =>
        fc.record({ [name]: text }),
      ),
      fc.record({ tags: fc.array(text, { minLength: 1, maxLength: 3 }) }),
      fc.record({ metadata: fc.dictionary(key, text, { minKeys: 1, maxKeys: 2 }) }),
    ),
    fc.array(fc.record({ firstName: text, username: text }, { requiredKeys: [] }), { maxLength: 1 }),
  )
  .map(([field, contacts]) => ({ name: 'A client', ...field, contacts }));

it('whatever text of a client is accepted can be stored, read, listed and indexed', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fields, async (given) => {
      const input = ClientInput.safeParse(given);
      if (!input.success) return;
      accepted++;
      const { clients, principal } = await clientWorld(table);
      const { id } = await clients.create(principal, input.data, committing(table));
      const { contacts, ...profile } = await clients.profile(principal, id);
      const client = clientEntity.schema.parse({ primaryContact: null, ...profile });
      expect(ListedClient.parse(client).number).toBe(profile.number);
      const stored = contacts.map((contact) => contactEntity.schema.parse({ ...contact, clientId: id }));
      for (const item of indexItems(principal.companyId, client, stored).items)
        readItem(item.entity === postingEntity.name ? postingEntity : clientRowEntity, item);
      expect(readItem(clientEntity, asItem(clientEntity, client))).toEqual(client);
    }),
    { numRuns: 300 },
  );
  expect(accepted).toBeGreaterThan(40);
}, 120_000);
