import { env } from '../../lib/aws/env.ts';
import type { StoredContact } from '../../lib/clients/schema.ts';
import { contactServices } from '../../lib/clients/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { withShownContactFields } from '../../lib/shared/custom-field-shapes.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import { contacts as contract } from './contract.ts';

/** The replies to a caller: custom values show only as far as the present definitions fit them. */
const repliesTo = (principal: Principal) => {
  const toReply = (contact: StoredContact) => versionedReply(withShownContactFields(principal, contact));
  const toCreatedReply = (contact: StoredContact) => ({
    ...toReply(contact),
    location: `/v1/clients/${contact.clientId}/contacts/${contact.id}`,
  });
  return { toReply, toCreatedReply };
};

export const handler = httpFunction(contract, (deps) => {
  const { contacts } = contactServices(deps, parseMailLimits(env('MAIL_LIMITS')));
  return {
    async createContact({ principal, params, body, commit }) {
      const { toCreatedReply } = repliesTo(principal);
      return toCreatedReply(await contacts.create(principal, params.clientId, body, commit(toCreatedReply)));
    },
    async listContacts({ principal, params, query, cursor }) {
      const page = await contacts.list(principal, params.clientId, query.limit, await cursor.open(query.cursor));
      const shown = page.contacts.map((contact) => withShownContactFields(principal, contact));
      return pageReply(cursor, shown, page.next);
    },
    getContact: async ({ principal, params: { clientId, contactId } }) =>
      repliesTo(principal).toReply(await contacts.read(principal, clientId, contactId)),
    changeContact: async ({ principal, params: { clientId, contactId }, body, ifMatch }) =>
      repliesTo(principal).toReply(await contacts.patch(principal, clientId, contactId, body, ifMatch)),
    async deleteContact({ principal, params: { clientId, contactId }, ifMatch }) {
      await contacts.remove(principal, clientId, contactId, ifMatch);
      return emptyReply;
    },
    async inviteContact({ principal, params: { clientId, contactId }, ifMatch, commit }) {
      const { toReply } = repliesTo(principal);
      return toReply(await contacts.invite(principal, clientId, contactId, ifMatch, commit(toReply)));
    },
    async makePrimaryContact({ principal, params: { clientId, contactId }, ifMatch, commit }) {
      const { toReply } = repliesTo(principal);
      return toReply(await contacts.makePrimary(principal, clientId, contactId, ifMatch, commit(toReply)));
    },
  };
});
