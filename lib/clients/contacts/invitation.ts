import type { AwaitedMail } from '../../shared/principal.ts';
import type { StoredContact } from '../schema.ts';

/** The contact with a new invitation, which replaces an earlier one. */
export function withInvitation(contact: StoredContact, invitation: AwaitedMail): StoredContact {
  return {
    ...contact,
    invitation,
    portal: { ...contact.portal, status: 'invited', invitedAt: invitation.at },
  };
}

/** The contact without its pending invitation, if it has one. */
export function withoutInvitation({ invitation, ...contact }: StoredContact): StoredContact {
  return invitation ? { ...contact, portal: { ...contact.portal, status: 'none', invitedAt: null } } : contact;
}
