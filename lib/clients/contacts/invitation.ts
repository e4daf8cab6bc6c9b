import type { AwaitedMail } from '../../shared/principal.ts';
import type { StoredContact } from '../schema.ts';

/** The contact with an invitation on its way; the one before is void by that. */
export function invited(contact: StoredContact, invitation: AwaitedMail): StoredContact {
  return {
    ...contact,
    invitation,
    portal: { ...contact.portal, status: 'invited', invitedAt: invitation.at },
  };
}

/** The contact without the invitation that it waits to accept, if there is one. */
export function uninvited({ invitation, ...contact }: StoredContact): StoredContact {
  return invitation ? { ...contact, portal: { ...contact.portal, status: 'none', invitedAt: null } } : contact;
}
