import type * as z from 'zod';
import { companyEntity, sessionEntity } from '../accounts/schema.ts';
import { sessionRepository } from '../credentials/session-repository.ts';
import type { ClientId, CompanyId, ContactId, SessionId } from '../shared/ids.ts';
import { asItem, type Entity, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem, getItems, type Item, type Table, updateItem, type Write, writes } from '../table/table.ts';
import { portalClientEntity, portalContactEntity, portalLoginEntity, usernameGuardEntity } from './schema.ts';

interface Place {
  clientId: ClientId;
  contactId: ContactId;
}

const read = <S extends z.ZodType>(entity: Entity<S>, item: Item | undefined): z.output<S> | undefined =>
  item && readItem(entity, item);

/** The accounts that contacts have in the portal. */
export function portalRepository(table: Table) {
  const on = writes(table.name);

  return {
    ...sessionRepository(table),

    /** A contact by itself. One call. */
    async contact(company: CompanyId, { clientId, contactId }: Place) {
      return read(portalContactEntity, await getItem(table, keys.contact(company, clientId, contactId), true));
    },

    /** Whose a username is, by its key. One call. */
    async holderOf(company: CompanyId, usernameKey: string): Promise<Place | undefined> {
      return read(usernameGuardEntity, await getItem(table, keys.contactUsername(company, usernameKey), true));
    },

    /** What a sign-in is judged by. One call. */
    async signInState(company: CompanyId, { clientId, contactId }: Place) {
      const [login, contact, client, found] = await getItems(
        table,
        [
          keys.portalLogin(company, clientId, contactId),
          keys.contact(company, clientId, contactId),
          keys.client(company, clientId),
          keys.company(company),
        ],
        true,
      );
      return {
        login: read(portalLoginEntity, login),
        contact: read(portalContactEntity, contact),
        client: read(portalClientEntity, client),
        company: read(companyEntity, found),
      };
    },

    /** What every request of a contact is judged by. One call. */
    async portalState(company: CompanyId, { clientId, contactId }: Place, sessionId: SessionId) {
      const [contact, client, session, found] = await getItems(table, [
        keys.contact(company, clientId, contactId),
        keys.client(company, clientId),
        keys.session(company, contactId, sessionId),
        keys.company(company),
      ]);
      return {
        contact: read(portalContactEntity, contact),
        client: read(portalClientEntity, client),
        session: read(sessionEntity, session),
        company: read(companyEntity, found),
      };
    },

    /** A contact with its client and company. One call. */
    async me(company: CompanyId, { clientId, contactId }: Place) {
      const [contact, client, found] = await getItems(table, [
        keys.contact(company, clientId, contactId),
        keys.client(company, clientId),
        keys.company(company),
      ]);
      return {
        contact: read(portalContactEntity, contact),
        client: read(portalClientEntity, client),
        company: read(companyEntity, found),
      };
    },

    /**
     * Notes that a contact signed in. The contact's version stays: it stands for what callers write. A change at the same
     * moment may leave the time of the sign-in before. One call.
     */
    async noteSignIn(company: CompanyId, { clientId, contactId }: Place, at: string): Promise<void> {
      const gone = new Error('the contact is gone');
      await updateItem(
        table,
        keys.contact(company, clientId, contactId),
        {
          UpdateExpression: 'SET #portal.lastSignInAt = :at',
          ConditionExpression: 'attribute_exists(PK)',
          ExpressionAttributeNames: { '#portal': 'portal' },
          ExpressionAttributeValues: { ':at': at },
        },
        () => gone,
      ).catch((error: unknown) => {
        if (error !== gone) throw error;
      });
    },

    /** The write that sets a contact's password. */
    withPassword(company: CompanyId, { clientId, contactId }: Place, passwordHash: string, at: string): Write {
      const login = asItem(portalLoginEntity, { contactId, passwordHash, changedAt: at });
      return on.put(keys.portalLogin(company, clientId, contactId), login);
    },
  };
}

export type PortalRepository = ReturnType<typeof portalRepository>;
