import { env } from '../../lib/aws/env.ts';
import type { StoredContact } from '../../lib/clients/schema.ts';
import { contactServices } from '../../lib/clients/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { contacts as contract } from './contract.ts';

const toCreatedReply = (contact: StoredContact) => ({
  ...versionedReply(contact),
  location: `/v1/clients/${contact.clientId}/contacts/${contact.id}`,
});

export const handler = httpFunction(contract, (deps) => {
  const { contacts } = contactServices(deps, parseMailLimits(env('MAIL_LIMITS')));
  return {
    createContact: {
      run: async ({ principal, params, body, commit }) =>
        toCreatedReply(await contacts.create(principal, params.clientId, body, commit(toCreatedReply))),
      findFaults: ({ principal, body }) => contacts.faultsOfCreation(principal, body),
    },
    async listContacts({ principal, params, query, cursor }) {
      const page = await contacts.list(principal, params.clientId, query.limit, await cursor.open(query.cursor));
      return pageReply(cursor, page.contacts, page.next);
    },
    getContact: async ({ principal, params: { clientId, contactId } }) =>
      versionedReply(await contacts.read(principal, clientId, contactId)),
    changeContact: {
      run: async ({ principal, params: { clientId, contactId }, body, ifMatch }) =>
        versionedReply(await contacts.patch(principal, clientId, contactId, body, ifMatch)),
      findFaults: ({ principal, params: { clientId, contactId }, body }) =>
        contacts.faultsOfPatch(principal, clientId, contactId, body),
    },
    async deleteContact({ principal, params: { clientId, contactId }, ifMatch }) {
      await contacts.remove(principal, clientId, contactId, ifMatch);
      return emptyReply;
    },
    inviteContact: async ({ principal, params: { clientId, contactId }, ifMatch, commit }) =>
      versionedReply(await contacts.invite(principal, clientId, contactId, ifMatch, commit(versionedReply))),
    makePrimaryContact: async ({ principal, params: { clientId, contactId }, ifMatch, commit }) =>
      versionedReply(await contacts.makePrimary(principal, clientId, contactId, ifMatch, commit(versionedReply))),
  };
});
