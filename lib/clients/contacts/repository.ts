import type * as z from 'zod';
import { mailOutbox } from '../../mail/outbox.ts';
import { mailbox } from '../../shared/email.ts';
import { Problem } from '../../shared/errors.ts';
import type { ClientId, CompanyId, ContactId } from '../../shared/ids.ts';
import { usernameKey } from '../../shared/username.ts';
import type { Table } from '../../table/client.ts';
import { asItem, entityOf, readItem } from '../../table/entity.ts';
import { type Key, keys, ranges } from '../../table/keys.ts';
import { getItem, type Position, queryPage } from '../../table/query.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { clientEntity, contactEntity, guardEntity, type StoredContact } from '../schema.ts';

interface Guarded {
  key: Key;
  refusal: () => Problem;
}

function taken(code: 'email-taken' | 'username-taken', pointer: string): Problem {
  const detail = code === 'email-taken' ? 'This e-mail address is taken.' : 'This username is taken.';
  return new Problem(code, { errors: [{ pointer, code: 'taken', detail }] });
}

/** What only one contact of a company may have, as guards; `at` is where the contact stands in the body. */
function guardsOf(company: CompanyId, contact: StoredContact, at: string): Guarded[] {
  const { email, username, portal } = contact;
  return [
    ...(email === null
      ? []
      : [{ key: keys.contactEmail(company, mailbox(email)), refusal: () => taken('email-taken', `${at}/email`) }]),
    ...(portal.username === null
      ? []
      : [
          {
            key: keys.contactUsername(company, usernameKey(portal.username)),
            refusal: () => taken('username-taken', `${at}/${username === null ? 'email' : 'username'}`),
          },
        ]),
  ];
}

/** The writes by which contacts and their guards come, change and go, for the transaction that also writes their client. */
export function contactWrites(tableName: string) {
  const on = writes(tableName);
  const outbox = mailOutbox(tableName);

  function change(
    company: CompanyId,
    before: StoredContact | undefined,
    after: StoredContact | undefined,
    at: string,
  ): Write[] {
    const held = before ? guardsOf(company, before, at) : [];
    const wanted = after ? guardsOf(company, after, at) : [];
    const among = (guards: Guarded[], { key }: Guarded) => guards.some((other) => other.key.PK === key.PK);
    const holder = (contact: StoredContact): z.input<typeof guardEntity.schema> => ({
      clientId: contact.clientId,
      contactId: contact.id,
    });
    return [
      ...held.filter((guard) => !among(wanted, guard)).map(({ key }) => on.remove(key)),
      ...cleared(company, before, after),
      ...wanted
        .filter((guard) => !among(held, guard))
        .flatMap(({ key, refusal }) => (after ? [on.create(key, asItem(guardEntity, holder(after)), refusal)] : [])),
    ];
  }

  /** What was held against an address goes with it. */
  function cleared(company: CompanyId, before: StoredContact | undefined, after: StoredContact | undefined): Write[] {
    if (!before || before.email === null || before.emailStatus.status === 'ok') return [];
    const box = mailbox(before.email);
    const stays = after && after.email !== null && mailbox(after.email) === box && after.emailStatus.status !== 'ok';
    return stays ? [] : [on.remove(keys.suppressedAddress(company, box))];
  }

  /** The mail of an invitation that was not there before: it is asked for where the invitation is written. */
  function mailed(company: CompanyId, before: StoredContact | undefined, after: StoredContact): Write[] {
    const { invitation, clientId, id: contactId } = after;
    if (!invitation || invitation.mailId === before?.invitation?.mailId) return [];
    const { mailId, at, by: requestedBy } = invitation;
    return [
      outbox.enqueue(company, { mailId, kind: 'invitation', clientId, contactId, userId: null, requestedBy, at }),
    ];
  }

  /** `at` is the pointer to the contact in the caller's body. Refuses with `email-taken` and `username-taken`. */
  function added(company: CompanyId, contact: StoredContact, at: string): Write[] {
    const put = on.create(keys.contact(company, contact.clientId, contact.id), asItem(contactEntity, contact));
    return [put, ...change(company, undefined, contact, at), ...mailed(company, undefined, contact)];
  }

  function removed(company: CompanyId, contact: StoredContact): Write[] {
    const gone = on.remove(keys.contact(company, contact.clientId, contact.id));
    const login = keys.portalLogin(company, contact.clientId, contact.id);
    const credentials = contact.portal.status === 'active' ? [on.remove(login)] : [];
    return [gone, ...change(company, contact, undefined, ''), ...credentials];
  }

  function changed(company: CompanyId, before: StoredContact, after: StoredContact): Write[] {
    const put = on.replace(
      keys.contact(company, after.clientId, after.id),
      asItem(contactEntity, after),
      before.version,
      (standing) => new Problem(standing ? 'stale-version' : 'not-found'),
    );
    return [put, ...change(company, before, after, ''), ...mailed(company, before, after)];
  }

  return {
    added,

    /** What makes the contacts of a client into others: those that are new, gone or of another version. */
    moved(company: CompanyId, before: readonly StoredContact[], after: readonly StoredContact[]): Write[] {
      const gone = before.filter(({ id }) => !after.some((contact) => contact.id === id));
      return [
        ...gone.flatMap((contact) => removed(company, contact)),
        ...after.flatMap((contact) => {
          const was = before.find(({ id }) => id === contact.id);
          if (!was) return added(company, contact, '');
          return was.version === contact.version ? [] : changed(company, was, contact);
        }),
      ];
    },
  };
}

/** Contacts as they are read on their own; what writes them is their client's transaction. */
export function contactRepository(table: Table) {
  return {
    /** Who has the mailbox; undefined where nobody has. One call. */
    async holder(company: CompanyId, box: string): Promise<{ clientId: ClientId; contactId: ContactId } | undefined> {
      const item = await getItem(table, keys.contactEmail(company, box), true);
      if (!item) return undefined;
      const { clientId, contactId } = readItem(guardEntity, item);
      return contactId && { clientId, contactId };
    },

    /** One call, strongly consistent. */
    async contact(company: CompanyId, client: ClientId, id: ContactId): Promise<StoredContact | undefined> {
      const item = await getItem(table, keys.contact(company, client, id), true);
      return item && readItem(contactEntity, item);
    },

    /** A page of a client's contacts in order, undefined where there is no such client. One call, strongly consistent. */
    async page(
      company: CompanyId,
      client: ClientId,
      limit: number,
      after: Position | undefined,
    ): Promise<{ contacts: StoredContact[]; next: Position | undefined } | undefined> {
      // The client stands before its contacts: on the first page it comes along, and tells an empty list from none.
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
