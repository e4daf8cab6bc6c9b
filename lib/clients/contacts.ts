import { isDeepStrictEqual } from 'node:util';
import { type InputFault, invalid, Problem } from '../errors.ts';
import { validated } from '../faults.ts';
import { type ClientId, ContactId, mintId, type Source } from '../ids.ts';
import { mergePatch } from '../merge-patch.ts';
import type { Principal } from '../principal.ts';
import type { Position, Write } from '../table/table.ts';
import type { ContactRepository } from './contact-repository.ts';
import { displayName } from './display-name.ts';
import { newContact, primaryOf } from './new-contact.ts';
import { e164Of } from './phones.ts';
import type { ClientRepository, ClientWithContacts } from './repository.ts';
import { lostFields } from './required-fields.ts';
import { ContactChange, type ContactInput, MAX_CONTACTS, type StoredClient, type StoredContact } from './schema.ts';
import { usernameOf } from './username.ts';

/** Rounds of a change that finds its client changed by another one. */
const MAX_ROUNDS = 8;

export interface ContactDeps {
  clients: Pick<ClientRepository, 'profile' | 'replace'>;
  contacts: ContactRepository;
  /** The writes that make the first contacts of a client into the second. */
  moved: (
    company: Principal['companyId'],
    before: readonly StoredContact[],
    after: readonly StoredContact[],
  ) => readonly Write[];
  /** What is wrong with custom values under the company's definitions; only what differs from `before` is looked at. */
  customFieldFaults: (
    principal: Principal,
    values: StoredContact['customFields'],
    before: StoredContact['customFields'] | undefined,
  ) => Promise<InputFault[]>;
  source: Source;
}

/** Writes that join the contact's own transaction, made of the contact as it will be. */
export type AlongContact = (contact: StoredContact) => readonly Write[];

/** The rules of contacts: each change is one transaction with the client, which carries the primary one and its name. */
export function contactService({ clients, contacts, moved, customFieldFaults, source }: ContactDeps) {
  const now = () => source.now().toISOString();
  const nothingAlong = () => [];

  /**
   * Reads the client with its contacts, has `apply` make others of them, and writes both. Again where another change came
   * between: what a caller's If-Match names is the contact's version, which `apply` looks at.
   */
  async function change(
    { companyId }: Principal,
    clientId: ClientId,
    apply: (present: ClientWithContacts, at: string) => Promise<StoredContact[]>,
    alongside: (after: readonly StoredContact[]) => readonly Write[],
  ): Promise<StoredContact[]> {
    for (let round = 1; ; round++) {
      const present = await clients.profile(companyId, clientId);
      if (!present) throw new Problem('not-found');
      const at = now();
      const wanted = await apply(present, at);
      if (isDeepStrictEqual(wanted, present.contacts)) return wanted;
      const after = inOrder(stamped(present.contacts, wanted, at));
      try {
        await clients.replace(companyId, present.client, clientWith(present.client, after, at), [
          ...moved(companyId, present.contacts, after),
          ...alongside(after),
        ]);
        return after;
      } catch (error) {
        const overtaken = error instanceof Problem && (error.code === 'stale-version' || error.code === 'not-found');
        if (!overtaken) throw error;
        if (round === MAX_ROUNDS) throw new Problem('write-conflict', { retryAfter: 1 });
      }
    }
  }

  return {
    /** @throws Problem `not-found` */
    async read({ companyId }: Principal, clientId: ClientId, id: ContactId): Promise<StoredContact> {
      const contact = await contacts.one(companyId, clientId, id);
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
      alongside: AlongContact,
    ): Promise<StoredContact> {
      const faults = await customFieldFaults(principal, input.customFields, undefined);
      if (faults.length > 0) throw invalid(...faults);
      const id = mintId(ContactId, 'con', source);
      const after = await change(
        principal,
        clientId,
        async ({ client, contacts: present }, at) => {
          if (present.length >= MAX_CONTACTS) throw new Problem('too-many-contacts');
          const isPrimary = input.isPrimary === true || present.length === 0;
          const added = await newContact(input, { id, clientId, isPrimary, country: countryOf(principal, client), at });
          return [...(isPrimary ? present.map(demoted) : present), added];
        },
        (contactsAfter) => alongside(one(contactsAfter, id)),
      );
      return one(after, id);
    },

    /**
     * Applies a merge patch. Two calls; one where nothing changes.
     * @throws Problem `validation`, `stale-version`, `email-taken`, `username-taken`
     */
    async patch(
      principal: Principal,
      clientId: ClientId,
      id: ContactId,
      patch: Record<string, unknown>,
      ifMatch: readonly number[] | undefined,
    ): Promise<StoredContact> {
      const after = await change(
        principal,
        clientId,
        async (present) => {
          const before = found(present.contacts, id, ifMatch);
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
        nothingAlong,
      );
      return one(after, id);
    },

    /** Makes a contact the primary one. Nothing changes where it is. Two calls. @throws Problem `stale-version` */
    async makePrimary(
      principal: Principal,
      clientId: ClientId,
      id: ContactId,
      ifMatch: readonly number[] | undefined,
      alongside: AlongContact,
    ): Promise<StoredContact> {
      const after = await change(
        principal,
        clientId,
        async ({ contacts: present }) => {
          found(present, id, ifMatch);
          return present.map((contact) => (contact.id === id ? { ...contact, isPrimary: true } : demoted(contact)));
        },
        (contactsAfter) => alongside(one(contactsAfter, id)),
      );
      return one(after, id);
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
        async (present) => {
          const gone = found(present.contacts, id, ifMatch);
          const left = present.contacts.filter((contact) => contact.id !== id);
          if (left.length === 0 && present.client.name === null) throw new Problem('contact-needed');
          const errors = lost(principal, present, left);
          if (errors.length > 0)
            throw new Problem('contact-needed', {
              detail: 'The company requires of every client what only this contact has.',
              errors,
            });
          const next = left.find((contact) => contact.id > gone.id) ?? left[0];
          return gone.isPrimary ? left.map((one) => (one === next ? { ...one, isPrimary: true } : one)) : left;
        },
        nothingAlong,
      );
    },
  };
}

const countryOf = (principal: Principal, client: StoredClient) => client.billingAddress?.country ?? principal.country;

const demoted = (contact: StoredContact): StoredContact => ({ ...contact, isPrimary: false });

/** Contacts in the order of their ids, which is the order in which the table keeps them. */
function inOrder(contacts: readonly StoredContact[]): StoredContact[] {
  return contacts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** What differs from before has a new version. */
function stamped(before: readonly StoredContact[], after: readonly StoredContact[], at: string): StoredContact[] {
  return after.map((contact) => {
    const was = before.find(({ id }) => id === contact.id);
    return !was || isDeepStrictEqual(was, contact) ? contact : { ...contact, updatedAt: at, version: was.version + 1 };
  });
}

function clientWith(client: StoredClient, contacts: readonly StoredContact[], at: string): StoredClient {
  return {
    ...client,
    displayName: displayName(client.name, contacts),
    primaryContact: primaryOf(contacts),
    updatedAt: at,
    version: client.version + 1,
  };
}

function one(contacts: readonly StoredContact[], id: ContactId): StoredContact {
  const contact = contacts.find((other) => other.id === id);
  if (!contact) throw new Error('the contact is not among those that were written');
  return contact;
}

/** @throws Problem `not-found`, or `stale-version` where If-Match names another version */
function found(
  contacts: readonly StoredContact[],
  id: ContactId,
  ifMatch: readonly number[] | undefined,
): StoredContact {
  const contact = contacts.find((other) => other.id === id);
  if (!contact) throw new Problem('not-found');
  if (ifMatch && !ifMatch.includes(contact.version)) throw new Problem('stale-version');
  return contact;
}

function lost({ clientsModule }: Principal, { client, contacts }: ClientWithContacts, left: StoredContact[]) {
  return lostFields(clientsModule.requiredFields, { client, contacts }, { client, contacts: left }, 'contact');
}

async function patched(
  principal: Principal,
  client: StoredClient,
  contact: StoredContact,
  patch: Record<string, unknown>,
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
  return { ...contact, ...wanted, phoneE164, portal: { ...contact.portal, username: usernameOf(wanted) } };
}
