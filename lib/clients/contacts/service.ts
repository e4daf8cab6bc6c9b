import { isDeepStrictEqual } from 'node:util';
import type { AdmitMail } from '../../mail/admission.ts';
import { mailbox, REACHABLE } from '../../shared/email.ts';
import { type InputFault, invalid, Problem } from '../../shared/errors.ts';
import { type ClientId, ContactId, type MailId, mintId } from '../../shared/ids.ts';
import { mergePatch } from '../../shared/merge-patch.ts';
import { isPortalOpen } from '../../shared/portal-access.ts';
import { type Principal, requesterOf } from '../../shared/principal.ts';
import { usernameOf } from '../../shared/username.ts';
import { validated } from '../../shared/validation.ts';
import type { Position } from '../../table/query.ts';
import type { Commit } from '../../table/transaction.ts';
import { toE164 } from '../phones.ts';
import type { ClientWithContacts } from '../repository.ts';
import { removedFieldFaults } from '../required-fields.ts';
import {
  ContactChange,
  ContactInput,
  type ContactPatch,
  MAX_CONTACTS,
  type StoredClient,
  type StoredContact,
} from '../schema.ts';
import { type ContactChangeDeps, contactChanges, getContactOrThrow } from './changes.ts';
import { withInvitation, withoutInvitation } from './invitation.ts';
import { accountFaults, type NewAccounts, type OpenedAccount } from './new-account.ts';
import { newContact } from './new-contact.ts';
import type { ContactRepository } from './repository.ts';

interface ContactDeps extends ContactChangeDeps {
  contacts: ContactRepository;
  /** Checks custom fields against the company's definitions. Values that equal those in `before` are not checked. */
  customFieldFaults: (
    principal: Principal,
    values: StoredContact['customFields'],
    before: StoredContact['customFields'] | undefined,
  ) => Promise<InputFault[]>;
  admitMail: AdmitMail;
  accounts: NewAccounts;
  /** Commits changes that no Idempotency-Key covers. */
  commit: Commit<unknown>;
}

/** A contact that has just been created, with the password that was generated for it. */
type NewContact = StoredContact & { generatedPassword?: string };

/**
 * The rules of contacts. Each change is one transaction with the client, because the client has copies of its primary
 * contact and of the first contact's name.
 */
export function contactService({
  clients,
  contacts,
  writesToReplaceContacts,
  customFieldFaults,
  admitMail,
  accounts,
  commit: commitChange,
  source,
}: ContactDeps) {
  const change = contactChanges({ clients, writesToReplaceContacts, source });

  const takenFaults = (
    { companyId }: Principal,
    contact: Pick<StoredContact, 'email' | 'username'>,
    own: ContactId | undefined,
  ) => contacts.takenFaults(companyId, contact, own);

  /** What the company's rules say against a change. */
  async function changeFaults(
    principal: Principal,
    present: ClientWithContacts,
    before: StoredContact,
    changed: StoredContact,
  ): Promise<InputFault[]> {
    const isUnchanged = isDeepStrictEqual(changed.customFields, before.customFields);
    return [
      ...(isUnchanged ? [] : await customFieldFaults(principal, changed.customFields, before.customFields)),
      ...removedFields(principal, present, withChanged(present.contacts, changed)),
    ];
  }

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
     * Adds a contact. It becomes the primary one if it is the first or has `isPrimary`. Two calls, and three more for the
     * mail of an account.
     * @throws Problem `email-taken`, `username-taken`, `too-many-contacts`, `portal-closed`, `email-not-verified`,
     *   `too-many-mails`
     */
    async create(
      principal: Principal,
      clientId: ClientId,
      input: ContactInput,
      commit: Commit<NewContact>,
    ): Promise<NewContact> {
      const faults = [
        ...(await accountFaults(input, true, '')),
        ...(await customFieldFaults(principal, input.customFields, undefined)),
      ];
      if (faults.length > 0) throw invalid(...faults, ...(await takenFaults(principal, input, undefined)));
      const id = mintId(ContactId, 'con', source);
      let opened: OpenedAccount | undefined;
      const toResult = (contactsAfter: readonly StoredContact[]): NewContact => {
        const contact = getContactOrThrow(contactsAfter, id);
        const generatedPassword = opened?.generatedPassword;
        return generatedPassword === undefined ? contact : { ...contact, generatedPassword };
      };
      const after = await change(
        principal,
        clientId,
        { action: 'contact.created', id },
        async ({ client, contacts: present }, at) => {
          if (present.length >= MAX_CONTACTS) throw new Problem('too-many-contacts');
          if (input.account && !isPortalOpen(client)) throw new Problem('portal-closed');
          const isPrimary = input.isPrimary === true || present.length === 0;
          const plain = await newContact(input, {
            id,
            clientId,
            isPrimary,
            country: countryOf(principal, client),
            at,
          });
          // Once, also if the change is tried again.
          if (input.account) opened ??= await accounts.open(principal, plain, input.account);
          const contact = opened ? { ...opened.contact, isPrimary } : plain;
          return [...(isPrimary ? present.map(withoutPrimary) : present), contact];
        },
        (writes, contactsAfter) => commit([...writes, ...(opened?.writes ?? [])], toResult(contactsAfter)),
      );
      return toResult(after);
    },

    /**
     * Applies a merge patch. Two calls; one if nothing changes.
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
          const changed = await applyPatch(principal, present.client, before, patch);
          const next = withChanged(present.contacts, changed);
          const faults = await changeFaults(principal, present, before, changed);
          if (faults.length > 0) throw invalid(...faults, ...(await takenFaults(principal, changed, id)));
          return next;
        },
        commitChange,
      );
      return getContactOrThrow(after, id);
    },

    /**
     * What a creation would refuse about the right fields of a partly wrong input. Up to two calls; nothing is written.
     */
    async faultsOfCreation(principal: Principal, fields: Partial<ContactInput>): Promise<InputFault[]> {
      const input = { ...ContactInput.parse({ lastName: 'unnamed' }), lastName: null, ...fields };
      return [
        ...(await accountFaults(input, true, '')),
        ...(await customFieldFaults(principal, input.customFields, undefined)),
        ...(await takenFaults(principal, input, undefined)),
      ];
    },

    /**
     * What `patch` would refuse about the right fields of a partly wrong patch. Up to three calls; nothing is written.
     * @throws Problem `not-found`; `validation` if the patched contact is not valid
     */
    async faultsOfPatch(
      principal: Principal,
      clientId: ClientId,
      id: ContactId,
      patch: ContactPatch,
    ): Promise<InputFault[]> {
      const present = await clients.profile(principal.companyId, clientId);
      const before = getContactOrThrow(present?.contacts ?? [], id);
      if (!present) return [];
      const changed = await applyPatch(principal, present.client, before, patch);
      return [
        ...(await changeFaults(principal, present, before, changed)),
        ...(await takenFaults(principal, changed, id)),
      ];
    },

    /** Makes a contact the primary one. Two calls; one if it is that already. @throws Problem `stale-version` */
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
          return present.map((contact) =>
            contact.id === id ? { ...contact, isPrimary: true } : withoutPrimary(contact),
          );
        },
        (writes, contactsAfter) => commit(writes, getContactOrThrow(contactsAfter, id)),
      );
      return getContactOrThrow(after, id);
    },

    /**
     * Mails the contact an invitation to the portal. An earlier invitation becomes invalid. Five calls.
     * @throws Problem `already-active`, `no-address`, `portal-closed`, `stale-version`, `email-not-verified`,
     *   `too-many-mails`
     */
    async invite(
      principal: Principal,
      clientId: ClientId,
      id: ContactId,
      ifMatch: readonly number[] | undefined,
      commit: Commit<StoredContact>,
    ): Promise<StoredContact> {
      let admitted: MailId | undefined;
      const after = await change(
        principal,
        clientId,
        { action: 'contact.invited', id },
        async ({ client, contacts: present }, at) => {
          const contact = getContactOrThrow(present, id, ifMatch);
          if (contact.portal.status === 'active') throw new Problem('already-active');
          if (contact.email === null) throw new Problem('no-address');
          if (!isPortalOpen(client)) throw new Problem('portal-closed');
          // Once, also if the change is tried again.
          admitted ??= await admitMail(principal, { address: contact.email, id });
          const invitation = { mailId: admitted, at, by: requesterOf(principal) };
          return present.map((other) => (other.id === id ? withInvitation(other, invitation) : other));
        },
        (writes, contactsAfter) => commit(writes, getContactOrThrow(contactsAfter, id)),
      );
      return getContactOrThrow(after, id);
    },

    /**
     * Deletes a contact. If it was the primary one, the next in order becomes that. Two calls.
     * @throws Problem `contact-needed` if the client would have no name, or lack a field that the company requires
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
          const contact = getContactOrThrow(present.contacts, id, ifMatch);
          const others = present.contacts.filter((other) => other.id !== id);
          if (others.length === 0 && present.client.name === null) throw new Problem('contact-needed');
          const errors = removedFields(principal, present, others);
          if (errors.length > 0)
            throw new Problem('contact-needed', {
              detail: 'The company requires fields of every client that only this contact fills in. See `errors`.',
              errors,
            });
          const next = others.find((other) => other.id > contact.id) ?? others[0];
          return contact.isPrimary
            ? others.map((other) => (other === next ? { ...other, isPrimary: true } : other))
            : others;
        },
        commitChange,
      );
    },
  };
}

const countryOf = (principal: Principal, client: StoredClient) => client.billingAddress?.country ?? principal.country;

/** The contacts of a client after the change of one of them. */
function withChanged(contacts: readonly StoredContact[], changed: StoredContact): StoredContact[] {
  return contacts.map((contact) => {
    if (contact.id === changed.id) return changed;
    return changed.isPrimary ? withoutPrimary(contact) : contact;
  });
}

const withoutPrimary = (contact: StoredContact): StoredContact => ({ ...contact, isPrimary: false });

function removedFields({ clientsModule }: Principal, { client, contacts }: ClientWithContacts, after: StoredContact[]) {
  return removedFieldFaults(clientsModule.requiredFields, { client, contacts }, { client, contacts: after }, 'contact');
}

async function applyPatch(
  principal: Principal,
  client: StoredClient,
  contact: StoredContact,
  patch: ContactPatch,
): Promise<StoredContact> {
  const fields = Object.keys(ContactChange.shape);
  const present = Object.fromEntries(Object.entries(contact).filter(([name]) => fields.includes(name)));
  const changed = validated(ContactChange, mergePatch(present, patch));
  if (contact.isPrimary && !changed.isPrimary)
    throw invalid({
      pointer: '/isPrimary',
      code: 'not-allowed',
      detail: 'A client with contacts always has a primary one. Make another contact the primary one instead.',
    });
  const { phone } = changed;
  const phoneE164 =
    phone === null || phone === contact.phone
      ? phone && contact.phoneE164
      : await toE164(phone, countryOf(principal, client));
  // A pending invitation was mailed to the old address, so it does not outlive a change of the address.
  const base =
    changed.email === contact.email
      ? contact
      : { ...withoutInvitation(contact), emailStatus: statusOfNewAddress(contact, changed.email) };
  return { ...base, ...changed, phoneE164, portal: { ...base.portal, username: usernameOf(changed) } };
}

/**
 * A suppression belongs to the mailbox: it stays if the address is only spelt differently, and ends with another
 * mailbox.
 */
function statusOfNewAddress(
  { email, emailStatus }: StoredContact,
  address: string | null,
): StoredContact['emailStatus'] {
  return email !== null && address !== null && mailbox(email) === mailbox(address) ? emailStatus : REACHABLE;
}
