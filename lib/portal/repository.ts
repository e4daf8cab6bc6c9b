import { companyEntity } from '../accounts/schema.ts';
import type { ClientId, CompanyId, ContactId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItemIfAny } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem, getItems } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { updateItem } from '../table/write.ts';
import { portalClientEntity, portalContactEntity, portalLoginEntity, usernameGuardEntity } from './schema.ts';

interface Place {
  clientId: ClientId;
  contactId: ContactId;
}

/** The accounts that contacts have in the portal. */
export function portalRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** A contact by itself. One call. */
    async contact(company: CompanyId, { clientId, contactId }: Place) {
      return readItemIfAny(portalContactEntity, await getItem(table, keys.contact(company, clientId, contactId), true));
    },

    /** Whose a username is, by its key. One call. */
    async holderOf(company: CompanyId, usernameKey: string): Promise<Place | undefined> {
      return readItemIfAny(usernameGuardEntity, await getItem(table, keys.contactUsername(company, usernameKey), true));
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
        login: readItemIfAny(portalLoginEntity, login),
        contact: readItemIfAny(portalContactEntity, contact),
        client: readItemIfAny(portalClientEntity, client),
        company: readItemIfAny(companyEntity, found),
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
        contact: readItemIfAny(portalContactEntity, contact),
        client: readItemIfAny(portalClientEntity, client),
        company: readItemIfAny(companyEntity, found),
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
    writeToSetPassword(company: CompanyId, { clientId, contactId }: Place, passwordHash: string, at: string): Write {
      const login = asItem(portalLoginEntity, { contactId, passwordHash, changedAt: at });
      return on.put(keys.portalLogin(company, clientId, contactId), login);
    },
  };
}

export type PortalRepository = ReturnType<typeof portalRepository>;
