import * as z from 'zod';
import { Contact, ContactInput, ContactPatch } from '../../lib/clients/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ClientId, ContactId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const ofClient = z.strictObject({ clientId: ClientId });
const one = z.strictObject({ clientId: ClientId, contactId: ContactId });

/** The contacts of a client, each by itself. */
export const contacts = contract({
  createContact: {
    method: 'POST',
    path: '/v1/clients/{clientId}/contacts',
    tag: 'Contacts',
    summary: 'Add a contact to a client',
    description:
      'The first contact is the primary one; a later one becomes it with `isPrimary`. E-mail address and username belong to one contact of the company.',
    access: { role: 'editor', module: 'clients' },
    params: ofClient,
    body: ContactInput,
    reply: { status: 201, description: 'The contact.', schema: Contact, location: true },
    versioned: true,
    problems: ['not-found', 'email-taken', 'username-taken', 'too-many-contacts', 'write-conflict'],
  },
  listContacts: {
    method: 'GET',
    path: '/v1/clients/{clientId}/contacts',
    tag: 'Contacts',
    summary: 'List the contacts of a client',
    access: { role: 'viewer', module: 'clients' },
    params: ofClient,
    query: z.strictObject(listQuery),
    reply: { status: 200, description: 'A page of contacts, oldest first.', schema: pageOf('ContactPage', Contact) },
    problems: ['not-found', 'bad-cursor'],
  },
  getContact: {
    method: 'GET',
    path: '/v1/clients/{clientId}/contacts/{contactId}',
    tag: 'Contacts',
    summary: 'Read a contact',
    access: { role: 'viewer', module: 'clients' },
    params: one,
    reply: { status: 200, description: 'The contact.', schema: Contact },
    versioned: true,
    problems: ['not-found'],
  },
  changeContact: {
    method: 'PATCH',
    path: '/v1/clients/{clientId}/contacts/{contactId}',
    tag: 'Contacts',
    summary: 'Change a contact',
    description:
      'JSON merge patch (RFC 7396). `isPrimary: true` makes it the primary one; false is refused on the primary one, because another has to be made it.',
    access: { role: 'editor', module: 'clients' },
    params: one,
    body: ContactPatch,
    reply: { status: 200, description: 'The contact.', schema: Contact },
    versioned: true,
    problems: ['not-found', 'stale-version', 'email-taken', 'username-taken', 'write-conflict'],
  },
  deleteContact: {
    method: 'DELETE',
    path: '/v1/clients/{clientId}/contacts/{contactId}',
    tag: 'Contacts',
    summary: 'Delete a contact',
    description:
      'Frees its e-mail address and username. The next contact becomes the primary one where it was that. A client without a name keeps its last contact, and what the company requires of every client stays.',
    access: { role: 'editor', module: 'clients' },
    params: one,
    reply: { status: 204, description: 'The contact is gone.' },
    problems: ['not-found', 'stale-version', 'contact-needed', 'write-conflict'],
  },
  inviteContact: {
    method: 'POST',
    path: '/v1/clients/{clientId}/contacts/{contactId}/invitation',
    tag: 'Contacts',
    summary: 'Mail a contact its invitation to the portal',
    description:
      'May be sent again, which voids the link of the mail before. A link is good for 72 hours; another e-mail address voids it too.',
    access: { role: 'editor', module: 'clients' },
    params: one,
    body: z.strictObject({}),
    bodyOptional: true,
    reply: { status: 202, description: 'The contact; the mail is on its way.', schema: Contact },
    versioned: true,
    problems: ['not-found', 'stale-version', 'already-active', 'no-address', 'portal-closed', 'write-conflict'],
  },
  makePrimaryContact: {
    method: 'POST',
    path: '/v1/clients/{clientId}/contacts/{contactId}/make-primary',
    tag: 'Contacts',
    summary: 'Make a contact the primary one',
    description: 'Nothing changes where it is that already.',
    access: { role: 'editor', module: 'clients' },
    params: one,
    body: z.strictObject({}),
    bodyOptional: true,
    reply: { status: 200, description: 'The contact.', schema: Contact },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
});
