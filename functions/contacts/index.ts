import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { contactRepository, contactWrites } from '../../lib/clients/contacts/repository.ts';
import { contactService } from '../../lib/clients/contacts/service.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import type { StoredContact } from '../../lib/clients/schema.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { contacts as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const contacts = contactService({
  clients: clientRepository(table),
  contacts: contactRepository(table),
  moved: contactWrites(table.name).moved,
  customFieldFaults: customFieldChecks(settingsRepository(table)).ofContact,
  source,
});

const shown = (contact: StoredContact) => ({ body: contact, version: contact.version });
const created = (contact: StoredContact) => ({
  ...shown(contact),
  location: `/v1/clients/${contact.clientId}/contacts/${contact.id}`,
});

export const handler = httpFunction(
  contract,
  {
    createContact: async ({ principal, params, body, remember }) =>
      created(await contacts.create(principal, params.clientId, body, (contact) => remember(created(contact)))),
    async listContacts({ principal, params, query, cursor }) {
      const page = await contacts.list(principal, params.clientId, query.limit, await cursor.open(query.cursor));
      return { body: { data: page.contacts, nextCursor: await cursor.seal(page.next) } };
    },
    getContact: async ({ principal, params }) =>
      shown(await contacts.read(principal, params.clientId, params.contactId)),
    changeContact: async ({ principal, params, body, ifMatch }) =>
      shown(await contacts.patch(principal, params.clientId, params.contactId, body, ifMatch)),
    async deleteContact({ principal, params, ifMatch }) {
      await contacts.remove(principal, params.clientId, params.contactId, ifMatch);
      return { body: undefined };
    },
    inviteContact: async ({ principal, params, ifMatch, remember }) =>
      shown(
        await contacts.invite(principal, params.clientId, params.contactId, ifMatch, (contact) =>
          remember(shown(contact)),
        ),
      ),
    makePrimaryContact: async ({ principal, params, ifMatch, remember }) =>
      shown(
        await contacts.makePrimary(principal, params.clientId, params.contactId, ifMatch, (contact) =>
          remember(shown(contact)),
        ),
      ),
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);
