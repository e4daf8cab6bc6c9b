import type { ActivityAction } from '../../activity/schema.ts';
import { Problem } from '../../shared/errors.ts';
import type { ClientId, ContactId, MailId } from '../../shared/ids.ts';
import { isPortalOpen } from '../../shared/portal-access.ts';
import type { Principal } from '../../shared/principal.ts';
import type { Commit } from '../../table/transaction.ts';
import type { StoredClient, StoredContact } from '../schema.ts';
import { type Changer, type ContactChangeDeps, contactChanges, getContactOrThrow } from './changes.ts';

/** Accepts a link that staff handed over, for the password that its holder chose. */
export type UsedLink = ReturnType<typeof contactAccounts>['acceptLink'];

interface ContactRef {
  clientId: ClientId;
  contactId: ContactId;
}

/** A contact that has just accepted its invitation or used a link, and what its sessions depend on. */
export interface AcceptedInvitation {
  contact: StoredContact;
  client: Pick<StoredClient, 'portalGeneration'>;
}

/** The portal account of a contact. Each operation takes two calls. */
export function contactAccounts(deps: ContactChangeDeps) {
  const change = contactChanges(deps);

  /** Activates the account of a contact who has come by a link and is signed in. */
  async function activateByLink(
    by: Changer,
    { clientId, contactId }: ContactRef,
    action: ActivityAction,
    { at, isCurrent }: { at: string; isCurrent: (contact: StoredContact) => boolean },
    commit: Commit<AcceptedInvitation>,
  ): Promise<AcceptedInvitation> {
    let portalGeneration = 0;
    const toResult = (contacts: readonly StoredContact[]) => ({
      contact: getContactOrThrow(contacts, contactId),
      client: { portalGeneration },
    });
    const after = await change(
      by,
      clientId,
      { action, id: contactId },
      async ({ client, contacts }) => {
        if (!isCurrent(getContactOrThrow(contacts, contactId)) || !isPortalOpen(client))
          throw new Problem('link-invalid');
        portalGeneration = client.portalGeneration;
        return contacts.map((other) => (other.id === contactId ? signedIn(activated(other), at) : other));
      },
      (writes, contactsAfter) => commit(writes, toResult(contactsAfter)),
    );
    return toResult(after);
  }

  return {
    /**
     * The contact accepts the invitation of this mail.
     * @throws Problem `link-invalid` if it has no such pending invitation
     */
    accept(
      by: Changer,
      contact: ContactRef,
      { mailId, at }: { mailId: MailId; at: string },
      commit: Commit<AcceptedInvitation>,
    ): Promise<AcceptedInvitation> {
      const isCurrent = ({ invitation }: StoredContact) => invitation?.mailId === mailId;
      return activateByLink(by, contact, 'contact.invitation-accepted', { at, isCurrent }, commit);
    },

    /**
     * The contact sets a password with a link that staff handed over.
     * @throws Problem `link-invalid` if its credentials have another generation since the link was made
     */
    acceptLink(
      by: Changer,
      contact: ContactRef,
      { credentialGeneration, at }: { credentialGeneration: number; at: string },
      commit: Commit<AcceptedInvitation>,
    ): Promise<AcceptedInvitation> {
      const isCurrent = (present: StoredContact) => present.credentialGeneration === credentialGeneration;
      return activateByLink(by, contact, 'contact.portal-link-used', { at, isCurrent }, commit);
    },

    /**
     * Activates the account of a contact whose password was set. Its invitation and its earlier sessions become invalid.
     * @throws Problem `not-found`, `no-address`, `stale-version`
     */
    async usePassword(
      principal: Principal,
      { clientId, contactId }: ContactRef,
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
          return contacts.map((other) => (other.id === contactId ? activated(other) : other));
        },
        (writes, contactsAfter) => commit(writes, getContactOrThrow(contactsAfter, contactId)),
      );
      return getContactOrThrow(after, contactId);
    },
  };
}

/** The account is active and begins a new generation of credentials, which ends the sessions of the one before. */
function activated({ invitation: _void, ...contact }: StoredContact): StoredContact {
  const credentialGeneration = contact.credentialGeneration + 1;
  return { ...contact, credentialGeneration, portal: { ...contact.portal, status: 'active' } };
}

const signedIn = (contact: StoredContact, at: string): StoredContact => ({
  ...contact,
  portal: { ...contact.portal, lastSignInAt: at },
});
