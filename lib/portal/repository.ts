import { companyEntity } from '../accounts/schema.ts';
import type { ClientId, CompanyId, ContactId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItemIfAny } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem, getItems } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { updateItem } from '../table/write.ts';
import { portalClientEntity, portalContactEntity, portalLoginEntity, usernameGuardEntity } from './schema.ts';

interface ContactIds {
  clientId: ClientId;
  contactId: ContactId;
}

/** The portal accounts of contacts. */
export function portalRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** A contact. One call. */
    async contact(company: CompanyId, { clientId, contactId }: ContactIds) {
      return readItemIfAny(portalContactEntity, await getItem(table, keys.contact(company, clientId, contactId), true));
    },

    /** The contact that has a username, by `usernameKey`. One call. */
    async holderOf(company: CompanyId, usernameKey: string): Promise<ContactIds | undefined> {
      return readItemIfAny(usernameGuardEntity, await getItem(table, keys.contactUsername(company, usernameKey), true));
    },

    /** The records that decide whether a contact may sign in. One call. */
    async signInState(company: CompanyId, { clientId, contactId }: ContactIds) {
      const [login, contact, client, companyItem] = await getItems(
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
        company: readItemIfAny(companyEntity, companyItem),
      };
    },

    /** A contact with its client and company. One call. */
    async me(company: CompanyId, { clientId, contactId }: ContactIds) {
      const [contact, client, companyItem] = await getItems(table, [
        keys.contact(company, clientId, contactId),
        keys.client(company, clientId),
        keys.company(company),
      ]);
      return {
        contact: readItemIfAny(portalContactEntity, contact),
        client: readItemIfAny(portalClientEntity, client),
        company: readItemIfAny(companyEntity, companyItem),
      };
    },

    /**
     * Stores when a contact signed in. The contact's version stays, because it counts the changes by callers. A concurrent
     * change may overwrite the time with the previous one. One call.
     */
    async recordSignIn(company: CompanyId, { clientId, contactId }: ContactIds, at: string): Promise<void> {
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
    writeToSetPassword(
      company: CompanyId,
      { clientId, contactId }: ContactIds,
      passwordHash: string,
      at: string,
    ): Write {
      const login = asItem(portalLoginEntity, { contactId, passwordHash, changedAt: at });
      return on.put(keys.portalLogin(company, clientId, contactId), login);
    },
  };
}

export type PortalRepository = ReturnType<typeof portalRepository>;
