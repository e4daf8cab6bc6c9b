import { Problem } from '../../shared/errors.ts';
import type { ClientId, ContactId, MailId } from '../../shared/ids.ts';
import { isPortalOpen } from '../../shared/portal-access.ts';
import type { Principal } from '../../shared/principal.ts';
import type { Commit } from '../../table/transaction.ts';
import type { StoredContact } from '../schema.ts';
import { type Changer, type ContactChangeDeps, contactChanges, getContactOrThrow } from './changes.ts';

interface Place {
  clientId: ClientId;
  contactId: ContactId;
}

/** How a contact gets its sign-in to the portal. Two calls each. */
export function contactAccounts(deps: ContactChangeDeps) {
  const change = contactChanges(deps);

  return {
    /** The contact accepts the invitation of this mail. @throws Problem `link-invalid` where it does not wait for it */
    async accept(
      by: Changer,
      { clientId, contactId }: Place,
      { mailId, at }: { mailId: MailId; at: string },
      commit: Commit<StoredContact>,
    ): Promise<StoredContact> {
      const after = await change(
        by,
        clientId,
        { action: 'contact.invitation-accepted', id: contactId },
        async ({ client, contacts }) => {
          if (getContactOrThrow(contacts, contactId).invitation?.mailId !== mailId || !isPortalOpen(client))
            throw new Problem('link-invalid');
          return contacts.map((other) => (other.id === contactId ? accepted(other, at) : other));
        },
        (writes, contactsAfter) => commit(writes, getContactOrThrow(contactsAfter, contactId)),
      );
      return getContactOrThrow(after, contactId);
    },

    /**
     * The contact has a password from now on. Its invitation is void, and so are its sessions from before.
     * @throws Problem `not-found`, `no-address`, `stale-version`
     */
    async usePassword(
      principal: Principal,
      { clientId, contactId }: Place,
      at: string,
      ifMatch: readonly number[] | undefined,
      commit: Commit<StoredContact>,
    ): Promise<StoredContact> {
      const after = await change(
        principal,
        clientId,
        { action: 'contact.password-set', id: contactId },
        async ({ contacts }) => {
          if (getContactOrThrow(contacts, contactId, ifMatch).portal.username === null)
            throw new Problem('no-address', { detail: 'Give the contact an e-mail address or a username first.' });
          return contacts.map((other) => (other.id === contactId ? withPassword(other, at) : other));
        },
        (writes, contactsAfter) => commit(writes, getContactOrThrow(contactsAfter, contactId)),
      );
      return getContactOrThrow(after, contactId);
    },
  };
}

function accepted({ invitation: _accepted, ...contact }: StoredContact, at: string): StoredContact {
  return { ...contact, portal: { ...contact.portal, status: 'active', lastSignInAt: at } };
}

function withPassword({ invitation: _void, ...contact }: StoredContact, at: string): StoredContact {
  return { ...contact, sessionsSince: at, portal: { ...contact.portal, status: 'active' } };
}
