import type * as z from 'zod';
import { mailOutbox } from '../../mail/outbox.ts';
import { mailbox } from '../../shared/email.ts';
import { type InputFault, Problem } from '../../shared/errors.ts';
import type { ClientId, CompanyId, ContactId } from '../../shared/ids.ts';
import { usernameKey, usernameOf } from '../../shared/username.ts';
import type { Table } from '../../table/client.ts';
import { asItem, entityOf, readItem } from '../../table/entity.ts';
import { keys, ranges } from '../../table/keys.ts';
import { getItem, type Position, queryPage } from '../../table/query.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { type Guard, takenFaults } from '../guards.ts';
import { clientEntity, contactEntity, guardEntity, type StoredContact } from '../schema.ts';

function takenProblem(code: 'email-taken' | 'username-taken', pointer: string): Problem {
  const detail = code === 'email-taken' ? 'This e-mail address is taken.' : 'This username is taken.';
  return new Problem(code, { errors: [{ pointer, code: 'taken', detail }] });
}

/**
 * The guards of what is unique in a company: mailbox and username. `pointer` leads to the contact in the request body.
 */
function guardsOf(company: CompanyId, contact: Pick<StoredContact, 'email' | 'username'>, pointer: string): Guard[] {
  const { email, username } = contact;
  const name = usernameOf(contact);
  return [
    ...(email === null
      ? []
      : [
          {
            key: keys.contactEmail(company, mailbox(email)),
            refusal: () => takenProblem('email-taken', `${pointer}/email`),
          },
        ]),
    ...(name === null
      ? []
      : [
          {
            key: keys.contactUsername(company, usernameKey(name)),
            refusal: () => takenProblem('username-taken', `${pointer}/${username === null ? 'email' : 'username'}`),
          },
        ]),
  ];
}

/** Their guards, of contacts in the body of a new client. */
export function guardsOfContacts(company: CompanyId, contacts: readonly StoredContact[]): Guard[] {
  return contacts.flatMap((contact, index) => guardsOf(company, contact, `/contacts/${index}`));
}

/** The writes of contacts and their guards, for the transaction that also writes their client. */
export function contactWrites(tableName: string) {
  const on = writes(tableName);
  const outbox = mailOutbox(tableName);

  function guardWrites(
    company: CompanyId,
    before: StoredContact | undefined,
    after: StoredContact | undefined,
    pointer: string,
  ): Write[] {
    const guardsBefore = before ? guardsOf(company, before, pointer) : [];
    const guardsAfter = after ? guardsOf(company, after, pointer) : [];
    const includes = (guards: Guard[], { key }: Guard) => guards.some((other) => other.key.PK === key.PK);
    const holder = (contact: StoredContact): z.input<typeof guardEntity.schema> => ({
      clientId: contact.clientId,
      contactId: contact.id,
    });
    return [
      ...guardsBefore.filter((guard) => !includes(guardsAfter, guard)).map(({ key }) => on.remove(key)),
      ...suppressionWrites(company, before, after),
      ...guardsAfter
        .filter((guard) => !includes(guardsBefore, guard))
        .flatMap(({ key, refusal }) => (after ? [on.create(key, asItem(guardEntity, holder(after)), refusal)] : [])),
    ];
  }

  /** Removes the suppression of a mailbox when the contact no longer uses the mailbox. */
  function suppressionWrites(
    company: CompanyId,
    before: StoredContact | undefined,
    after: StoredContact | undefined,
  ): Write[] {
    if (!before || before.email === null || before.emailStatus.status === 'ok') return [];
    const box = mailbox(before.email);
    const isKept = after && after.email !== null && mailbox(after.email) === box && after.emailStatus.status !== 'ok';
    return isKept ? [] : [on.remove(keys.suppressedAddress(company, box))];
  }

  /** Enqueues the mail of a new invitation, in the transaction that stores the invitation. */
  function invitationMailWrites(company: CompanyId, before: StoredContact | undefined, after: StoredContact): Write[] {
    const { invitation, clientId, id: contactId } = after;
    if (!invitation || invitation.mailId === before?.invitation?.mailId) return [];
    const { mailId, at, by: requestedBy } = invitation;
    return [
      outbox.enqueue(company, { mailId, kind: 'invitation', clientId, contactId, userId: null, requestedBy, at }),
    ];
  }

  /**
   * Creates a contact. `pointer` leads to the contact in the request body. The writes are refused with `email-taken` and
   * `username-taken`.
   */
  function writesToCreate(company: CompanyId, contact: StoredContact, pointer: string): Write[] {
    const put = on.create(keys.contact(company, contact.clientId, contact.id), asItem(contactEntity, contact));
    return [
      put,
      ...guardWrites(company, undefined, contact, pointer),
      ...invitationMailWrites(company, undefined, contact),
    ];
  }

  function writesToDelete(company: CompanyId, contact: StoredContact): Write[] {
    const deletion = on.remove(keys.contact(company, contact.clientId, contact.id));
    const login = keys.portalLogin(company, contact.clientId, contact.id);
    const credentials = contact.portal.status === 'active' ? [on.remove(login)] : [];
    return [deletion, ...guardWrites(company, contact, undefined, ''), ...credentials];
  }

  function writesToUpdate(company: CompanyId, before: StoredContact, after: StoredContact): Write[] {
    const put = on.replace(
      keys.contact(company, after.clientId, after.id),
      asItem(contactEntity, after),
      before.version,
      (existing) => new Problem(existing ? 'stale-version' : 'not-found'),
    );
    return [put, ...guardWrites(company, before, after, ''), ...invitationMailWrites(company, before, after)];
  }

  return {
    writesToCreate,

    /**
     * The writes that replace the contacts `before` of a client by `after`: new, deleted and those with another
     * version.
     */
    writesToReplace(company: CompanyId, before: readonly StoredContact[], after: readonly StoredContact[]): Write[] {
      const deleted = before.filter(({ id }) => !after.some((contact) => contact.id === id));
      return [
        ...deleted.flatMap((contact) => writesToDelete(company, contact)),
        ...after.flatMap((contact) => {
          const previous = before.find(({ id }) => id === contact.id);
          if (!previous) return writesToCreate(company, contact, '');
          return previous.version === contact.version ? [] : writesToUpdate(company, previous, contact);
        }),
      ];
    },
  };
}

/** Reads contacts. `contactWrites` writes them, in the transaction of their client. */
export function contactRepository(table: Table) {
  return {
    /** The contact that has the mailbox, if any. One call. */
    async holder(company: CompanyId, box: string): Promise<{ clientId: ClientId; contactId: ContactId } | undefined> {
      const item = await getItem(table, keys.contactEmail(company, box), true);
      if (!item) return undefined;
      const { clientId, contactId } = readItem(guardEntity, item);
      return contactId && { clientId, contactId };
    },

    /** The faults of an e-mail address and a username that other contacts have. One call; none without either. */
    takenFaults(
      company: CompanyId,
      contact: Pick<StoredContact, 'email' | 'username'>,
      own: ContactId | undefined,
    ): Promise<InputFault[]> {
      return takenFaults(
        table,
        guardsOf(company, contact, ''),
        ({ contactId }) => contactId !== undefined && contactId === own,
      );
    },

    /** One call, strongly consistent. */
    async contact(company: CompanyId, client: ClientId, id: ContactId): Promise<StoredContact | undefined> {
      const item = await getItem(table, keys.contact(company, client, id), true);
      return item && readItem(contactEntity, item);
    },

    /**
     * A page of a client's contacts, oldest first; undefined if the client does not exist. One call, strongly
     * consistent.
     */
    async page(
      company: CompanyId,
      client: ClientId,
      limit: number,
      after: Position | undefined,
    ): Promise<{ contacts: StoredContact[]; next: Position | undefined } | undefined> {
      // The client sorts before its contacts, so the first page includes it. That tells a client without contacts from
      // a missing one.
      const first = after === undefined;
      const range = ranges.clientWithContacts(company, client);
      const page = await queryPage(table, { range, limit: first ? limit + 1 : limit, after, consistent: true });
      const contacts = page.items
        .filter((item) => entityOf(item) === contactEntity.name)
        .map((item) => readItem(contactEntity, item));
      if (first && !page.items.some((item) => entityOf(item) === clientEntity.name)) return undefined;
      return { contacts, next: page.next };
    },
  };
}

export type ContactRepository = ReturnType<typeof contactRepository>;
