import * as z from 'zod';
import { setsPassword } from '../../lib/clients/account-schema.ts';
import { Contact, ContactInput, ContactPatch, CreatedContact } from '../../lib/clients/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ClientId, ContactId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const clientParams = z.strictObject({ clientId: ClientId });
const contactParams = z.strictObject({ clientId: ClientId, contactId: ContactId });

/** The contacts of a client. */
export const contacts = contract({
  createContact: {
    method: 'POST',
    path: '/v1/clients/{clientId}/contacts',
    tag: 'Contacts',
    summary: 'Add a contact to a client',
    description:
      'The first contact of a client becomes its primary one. A later contact becomes that with `isPrimary: true`. Two contacts of a company cannot have the same e-mail address or the same username. With `account` the contact gets access to the portal at once. An Idempotency-Key is ignored if it gets a password: a repetition is then refused with `email-taken` or `username-taken`.',
    access: { role: 'editor', module: 'clients' },
    params: clientParams,
    body: ContactInput,
    examples: [
      {
        body: { firstName: 'Ben', lastName: 'Carter', title: 'Accounts payable', receives: ['invoices', 'reminders'] },
      },
    ],
    reply: { status: 201, description: 'The contact.', schema: CreatedContact, location: true },
    versioned: true,
    carriesCredential: setsPassword,
    problems: [
      'not-found',
      'email-taken',
      'username-taken',
      'too-many-contacts',
      'portal-closed',
      'email-not-verified',
      'too-many-mails',
      'write-conflict',
    ],
  },
  listContacts: {
    method: 'GET',
    path: '/v1/clients/{clientId}/contacts',
    tag: 'Contacts',
    summary: 'List the contacts of a client',
    description: 'All contacts of the client, as the profile of the client has them.',
    access: { role: 'viewer', module: 'clients' },
    params: clientParams,
    query: z.strictObject(listQuery),
    reply: { status: 200, description: 'A page of contacts, oldest first.', schema: pageOf('ContactPage', Contact) },
    problems: ['not-found', 'bad-cursor'],
  },
  getContact: {
    method: 'GET',
    path: '/v1/clients/{clientId}/contacts/{contactId}',
    tag: 'Contacts',
    summary: 'Read a contact',
    description: 'A contact that is read by its id is always up to date.',
    access: { role: 'viewer', module: 'clients' },
    params: contactParams,
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
      'JSON merge patch (RFC 7396). `isPrimary: true` makes this contact the primary one. `isPrimary: false` is refused for the primary contact: make another contact the primary one instead.',
    access: { role: 'editor', module: 'clients' },
    params: contactParams,
    body: ContactPatch,
    examples: [{ body: { title: 'Managing director', language: 'en-GB' } }],
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
      'Other contacts can then use its e-mail address and username. If it was the primary contact, the next one becomes that. The last contact of a client without a name cannot be deleted, and neither can the only contact that fills in a field that the company requires.',
    access: { role: 'editor', module: 'clients' },
    params: contactParams,
    reply: { status: 204, description: 'The contact is deleted.' },
    problems: ['not-found', 'stale-version', 'contact-needed', 'write-conflict'],
  },
  inviteContact: {
    method: 'POST',
    path: '/v1/clients/{clientId}/contacts/{contactId}/invitation',
    tag: 'Contacts',
    summary: 'Mail a contact an invitation to the portal',
    description:
      'The link in the mail is valid for 72 hours. It becomes invalid earlier when another invitation is sent or the e-mail address of the contact changes. Mails are limited by hour and day: to an address, to a contact, and of the company.',
    access: { role: 'editor', module: 'clients' },
    params: contactParams,
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 202, description: 'The contact. The mail is queued.', schema: Contact },
    versioned: true,
    problems: [
      'not-found',
      'stale-version',
      'already-active',
      'no-address',
      'portal-closed',
      'email-not-verified',
      'too-many-mails',
      'write-conflict',
    ],
  },
  makePrimaryContact: {
    method: 'POST',
    path: '/v1/clients/{clientId}/contacts/{contactId}/make-primary',
    tag: 'Contacts',
    summary: 'Make a contact the primary one',
    description: 'Changes nothing if the contact is the primary one already.',
    access: { role: 'editor', module: 'clients' },
    params: contactParams,
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 200, description: 'The contact.', schema: Contact },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
});
