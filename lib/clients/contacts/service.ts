import { isDeepStrictEqual } from 'node:util';
import { mailbox, REACHABLE } from '../../shared/email.ts';
import { type InputFault, invalid, Problem } from '../../shared/errors.ts';
import { type ClientId, ContactId, MailId, mintId } from '../../shared/ids.ts';
import { mergePatch } from '../../shared/merge-patch.ts';
import { isPortalOpen } from '../../shared/portal-access.ts';
import { type Principal, requesterOf } from '../../shared/principal.ts';
import { usernameOf } from '../../shared/username.ts';
import { validated } from '../../shared/validation.ts';
import type { Position } from '../../table/query.ts';
import type { Commit } from '../../table/transaction.ts';
import { e164Of } from '../phones.ts';
import type { ClientWithContacts } from '../repository.ts';
import { lostFields } from '../required-fields.ts';
import {
  ContactChange,
  type ContactInput,
  type ContactPatch,
  MAX_CONTACTS,
  type StoredClient,
  type StoredContact,
} from '../schema.ts';
import { type ContactChangeDeps, contactChanges, getContactOrThrow } from './changes.ts';
import { invited, uninvited } from './invitation.ts';
import { newContact } from './new-contact.ts';
import type { ContactRepository } from './repository.ts';

interface ContactDeps extends ContactChangeDeps {
  contacts: ContactRepository;
  /** What is wrong with custom values under the company's definitions; only what differs from `before` is looked at. */
  customFieldFaults: (
    principal: Principal,
    values: StoredContact['customFields'],
    before: StoredContact['customFields'] | undefined,
  ) => Promise<InputFault[]>;
  /** Commits changes that no Idempotency-Key covers. */
  commit: Commit<unknown>;
}

/** The rules of contacts: each change is one transaction with the client, which carries the primary one and its name. */
export function contactService({
  clients,
  contacts,
  moved,
  customFieldFaults,
  commit: commitChange,
  source,
}: ContactDeps) {
  const change = contactChanges({ clients, moved, source });

  return {
    /** @throws Problem `not-found` */
    async read({ companyId }: Principal, clientId: ClientId, id: ContactId): Promise<StoredContact> {
      const contact = await contacts.contact(companyId, clientId, id);
      if (!contact) throw new Problem('not-found');
      return contact;
    },

    /** @throws Problem `not-found` */
    async list({ companyId }: Principal, clientId: ClientId, limit: number, after: Position | undefined) {
      const page = await contacts.page(companyId, clientId, limit, after);
      if (!page) throw new Problem('not-found');
      return page;
    },

    /**
     * Adds a contact; the first is the primary one, a later one where it says so. Two calls.
     * @throws Problem `email-taken`, `username-taken`, `too-many-contacts`
     */
    async create(
      principal: Principal,
      clientId: ClientId,
      input: ContactInput,
      commit: Commit<StoredContact>,
    ): Promise<StoredContact> {
      const faults = await customFieldFaults(principal, input.customFields, undefined);
      if (faults.length > 0) throw invalid(...faults);
      const id = mintId(ContactId, 'con', source);
      const after = await change(
        principal,
        clientId,
        { action: 'contact.created', id },
        async ({ client, contacts: present }, at) => {
          if (present.length >= MAX_CONTACTS) throw new Problem('too-many-contacts');
          const isPrimary = input.isPrimary === true || present.length === 0;
          const added = await newContact(input, { id, clientId, isPrimary, country: countryOf(principal, client), at });
          return [...(isPrimary ? present.map(demoted) : present), added];
        },
        (writes, contactsAfter) => commit(writes, getContactOrThrow(contactsAfter, id)),
      );
      return getContactOrThrow(after, id);
    },

    /**
     * Applies a merge patch. Two calls; one where nothing changes.
     * @throws Problem `validation`, `stale-version`, `email-taken`, `username-taken`
     */
    async patch(
      principal: Principal,
      clientId: ClientId,
      id: ContactId,
      patch: ContactPatch,
      ifMatch: readonly number[] | undefined,
    ): Promise<StoredContact> {
      const after = await change(
        principal,
        clientId,
        { action: 'contact.updated', id },
        async (present) => {
          const before = getContactOrThrow(present.contacts, id, ifMatch);
          const wanted = await patched(principal, present.client, before, patch);
          const unchanged = isDeepStrictEqual(wanted.customFields, before.customFields);
          const faults = unchanged ? [] : await customFieldFaults(principal, wanted.customFields, before.customFields);
          const next = present.contacts.map((contact) => {
            if (contact.id === id) return wanted;
            return wanted.isPrimary ? demoted(contact) : contact;
          });
          const lacking = lost(principal, present, next);
          if (faults.length + lacking.length > 0) throw invalid(...faults, ...lacking);
          return next;
        },
        commitChange,
      );
      return getContactOrThrow(after, id);
    },

    /** Makes a contact the primary one. Nothing changes where it is. Two calls. @throws Problem `stale-version` */
    async makePrimary(
      principal: Principal,
      clientId: ClientId,
      id: ContactId,
      ifMatch: readonly number[] | undefined,
      commit: Commit<StoredContact>,
    ): Promise<StoredContact> {
      const after = await change(
        principal,
        clientId,
        { action: 'contact.made-primary', id },
        async ({ contacts: present }) => {
          getContactOrThrow(present, id, ifMatch);
          return present.map((contact) => (contact.id === id ? { ...contact, isPrimary: true } : demoted(contact)));
        },
        (writes, contactsAfter) => commit(writes, getContactOrThrow(contactsAfter, id)),
      );
      return getContactOrThrow(after, id);
    },

    /**
     * Mails the contact its invitation to the portal, which voids the one before. Two calls.
     * @throws Problem `already-active`, `no-address`, `portal-closed`, `stale-version`
     */
    async invite(
      principal: Principal,
      clientId: ClientId,
      id: ContactId,
      ifMatch: readonly number[] | undefined,
      commit: Commit<StoredContact>,
    ): Promise<StoredContact> {
      const mailId = mintId(MailId, 'mail', source);
      const after = await change(
        principal,
        clientId,
        { action: 'contact.invited', id },
        async ({ client, contacts: present }, at) => {
          const contact = getContactOrThrow(present, id, ifMatch);
          if (contact.portal.status === 'active') throw new Problem('already-active');
          if (contact.email === null) throw new Problem('no-address');
          if (!isPortalOpen(client)) throw new Problem('portal-closed');
          return present.map((other) =>
            other.id === id ? invited(other, { mailId, at, by: requesterOf(principal) }) : other,
          );
        },
        (writes, contactsAfter) => commit(writes, getContactOrThrow(contactsAfter, id)),
      );
      return getContactOrThrow(after, id);
    },

    /**
     * Takes a contact away; the next in order becomes the primary one where it was that. Two calls.
     * @throws Problem `contact-needed` where the client would be left without a name or without what the company requires
     */
    async remove(
      principal: Principal,
      clientId: ClientId,
      id: ContactId,
      ifMatch: readonly number[] | undefined,
    ): Promise<void> {
      await change(
        principal,
        clientId,
        { action: 'contact.deleted', id },
        async (present) => {
          const gone = getContactOrThrow(present.contacts, id, ifMatch);
          const left = present.contacts.filter((contact) => contact.id !== id);
          if (left.length === 0 && present.client.name === null) throw new Problem('contact-needed');
          const errors = lost(principal, present, left);
          if (errors.length > 0)
            throw new Problem('contact-needed', {
              detail: 'The company requires of every client what only this contact has.',
              errors,
            });
          const next = left.find((contact) => contact.id > gone.id) ?? left[0];
          return gone.isPrimary
            ? left.map((contact) => (contact === next ? { ...contact, isPrimary: true } : contact))
            : left;
        },
        commitChange,
      );
    },
  };
}

const countryOf = (principal: Principal, client: StoredClient) => client.billingAddress?.country ?? principal.country;

const demoted = (contact: StoredContact): StoredContact => ({ ...contact, isPrimary: false });

function lost({ clientsModule }: Principal, { client, contacts }: ClientWithContacts, left: StoredContact[]) {
  return lostFields(clientsModule.requiredFields, { client, contacts }, { client, contacts: left }, 'contact');
}

async function patched(
  principal: Principal,
  client: StoredClient,
  contact: StoredContact,
  patch: ContactPatch,
): Promise<StoredContact> {
  const fields = Object.keys(ContactChange.shape);
  const present = Object.fromEntries(Object.entries(contact).filter(([name]) => fields.includes(name)));
  const wanted = validated(ContactChange, mergePatch(present, patch));
  if (contact.isPrimary && !wanted.isPrimary)
    throw invalid({
      pointer: '/isPrimary',
      code: 'not-allowed',
      detail: 'A client with contacts has a primary one: make another contact the primary one instead.',
    });
  const { phone } = wanted;
  const phoneE164 =
    phone === null || phone === contact.phone
      ? phone && contact.phoneE164
      : await e164Of(phone, countryOf(principal, client));
  // The mail with the link is on its way to the address from before.
  const kept =
    wanted.email === contact.email ? contact : { ...uninvited(contact), emailStatus: statusAt(contact, wanted.email) };
  return { ...kept, ...wanted, phoneE164, portal: { ...kept.portal, username: usernameOf(wanted) } };
}

/** What was known against an address stays with it, however it is spelt, and does not follow the contact to another one. */
function statusAt({ email, emailStatus }: StoredContact, wanted: string | null): StoredContact['emailStatus'] {
  return email !== null && wanted !== null && mailbox(email) === mailbox(wanted) ? emailStatus : REACHABLE;
}
