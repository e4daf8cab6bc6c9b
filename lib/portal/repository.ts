import type * as z from 'zod';
import { companyEntity } from '../accounts/schema.ts';
import { Problem } from '../shared/errors.ts';
import type { ClientId, CompanyId, ContactId } from '../shared/ids.ts';
import type { Item, Table } from '../table/client.ts';
import { asItem, readItemIfAny } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem, getItems } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { updateItem } from '../table/write.ts';
import {
  portalClientEntity,
  portalContactEntity,
  portalLinkEntity,
  portalLoginEntity,
  usernameGuardEntity,
} from './schema.ts';

interface ContactIds {
  clientId: ClientId;
  contactId: ContactId;
}

/** What a sign-in depends on, as it was read. */
export interface SignInState {
  contact: z.output<typeof portalContactEntity.schema>;
  client: z.output<typeof portalClientEntity.schema>;
  /** As it was checked. */
  passwordHash: string;
  at: string;
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
     * The writes of a sign-in beside its session: the time is stored, and the password that was checked, the contact's account
     * and the client's portal must be as they were read. The contact's version stays, because it counts changes by callers.
     */
    writesToSignIn(
      company: CompanyId,
      { contact, client, passwordHash, at }: SignInState,
      refusal: () => Error,
    ): Write[] {
      return [
        on.require(
          keys.portalLogin(company, client.id, contact.id),
          { ConditionExpression: 'passwordHash = :hash', ExpressionAttributeValues: { ':hash': passwordHash } },
          refusal,
        ),
        on.require(
          keys.client(company, client.id),
          {
            ConditionExpression: 'portalGeneration = :generation AND #status = :active AND archivedAt = :never',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':generation': client.portalGeneration, ':active': 'active', ':never': null },
          },
          refusal,
        ),
        on.update(
          keys.contact(company, client.id, contact.id),
          {
            UpdateExpression: 'SET #portal.lastSignInAt = :at',
            ConditionExpression: 'credentialGeneration = :generation AND #portal.#status = :active',
            ExpressionAttributeNames: { '#portal': 'portal', '#status': 'status' },
            ExpressionAttributeValues: {
              ':at': at,
              ':generation': contact.credentialGeneration,
              ':active': 'active',
            },
          },
          refusal,
        ),
      ];
    },

    /** A link to the portal by the hash of its token; undefined if there is none, or it has expired. One call. */
    async link(company: CompanyId, tokenHash: string, now: Date) {
      const link = readItemIfAny(portalLinkEntity, await getItem(table, keys.portalLink(company, tokenHash), true));
      return link && link.ttl > now.getTime() / 1000 ? link : undefined;
    },

    /** The writes of a new link. They are refused if the contact or the client has changed since it was read. */
    writesToCreateLink(
      company: CompanyId,
      tokenHash: string,
      link: z.output<typeof portalLinkEntity.schema>,
      { contact, client }: Pick<SignInState, 'contact' | 'client'>,
    ): Write[] {
      const sameGeneration = (field: string, value: number) => ({
        ConditionExpression: '#generation = :generation',
        ExpressionAttributeNames: { '#generation': field },
        ExpressionAttributeValues: { ':generation': value },
      });
      const conflict = (existing: Item | undefined) =>
        existing ? new Problem('write-conflict', { retryAfter: 1 }) : new Problem('not-found');
      return [
        on.create(keys.portalLink(company, tokenHash), asItem(portalLinkEntity, link)),
        on.require(
          keys.contact(company, client.id, contact.id),
          sameGeneration('credentialGeneration', contact.credentialGeneration),
          conflict,
        ),
        on.require(
          keys.client(company, client.id),
          sameGeneration('portalGeneration', client.portalGeneration),
          conflict,
        ),
      ];
    },

    /** The write that uses a link up. */
    writeToUseLink: (company: CompanyId, tokenHash: string, refusal: () => Error): Write =>
      on.removeExisting(keys.portalLink(company, tokenHash), refusal),

    /**
     * Has the contact show until when its account refuses sign-ins. Nothing happens if it does not exist. The contact's
     * version stays, because it counts changes by callers. One call.
     */
    async showLock(company: CompanyId, { clientId, contactId }: ContactIds, until: Date): Promise<void> {
      const gone = new Error('there is no such contact');
      try {
        await updateItem(
          table,
          keys.contact(company, clientId, contactId),
          {
            UpdateExpression: 'SET #portal.lockedUntil = :until',
            ConditionExpression: 'attribute_exists(PK)',
            ExpressionAttributeNames: { '#portal': 'portal' },
            ExpressionAttributeValues: { ':until': until.toISOString() },
          },
          () => gone,
        );
      } catch (error) {
        if (error !== gone) throw error;
      }
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
