import { env } from '../../lib/aws/env.ts';
import { withLock } from '../../lib/clients/contacts/lock.ts';
import type { StoredContact } from '../../lib/clients/schema.ts';
import { contactServices } from '../../lib/clients/wiring.ts';
import { passwordHashing } from '../../lib/credentials/passwords.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, pageReply, versionedReply } from '../../lib/http/replies.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { withShownContactFields } from '../../lib/shared/custom-field-shapes.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import { contacts as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const { contacts } = contactServices(deps, {
    mailLimits: parseMailLimits(env('MAIL_LIMITS')),
    hashing: passwordHashing(env('PASSWORD_HASHING')),
  });
  /** The replies to a caller: a lock shows while it lasts, and custom values as far as the present definitions fit them. */
  const repliesTo = (principal: Principal) => {
    const shown = <C extends StoredContact>(contact: C) =>
      withShownContactFields(principal, withLock(contact, deps.source.now()));
    const toReply = <C extends StoredContact>(contact: C) => versionedReply(shown(contact));
    const toCreatedReply = <C extends StoredContact>(contact: C) => ({
      ...toReply(contact),
      location: `/v1/clients/${contact.clientId}/contacts/${contact.id}`,
    });
    return { shown, toReply, toCreatedReply };
  };
  return {
    createContact: {
      async run({ principal, params, body, commit }) {
        const { toCreatedReply } = repliesTo(principal);
        return toCreatedReply(await contacts.create(principal, params.clientId, body, commit(toCreatedReply)));
      },
      findFaults: ({ principal, body }) => contacts.faultsOfCreation(principal, body),
    },
    async listContacts({ principal, params, query, cursor }) {
      const page = await contacts.list(principal, params.clientId, query.limit, await cursor.open(query.cursor));
      return pageReply(cursor, page.contacts.map(repliesTo(principal).shown), page.next);
    },
    getContact: async ({ principal, params: { clientId, contactId } }) =>
      repliesTo(principal).toReply(await contacts.read(principal, clientId, contactId)),
    changeContact: {
      run: async ({ principal, params: { clientId, contactId }, body, ifMatch }) =>
        repliesTo(principal).toReply(await contacts.patch(principal, clientId, contactId, body, ifMatch)),
      findFaults: ({ principal, params: { clientId, contactId }, body }) =>
        contacts.faultsOfPatch(principal, clientId, contactId, body),
    },
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
