import type { ApiTokenId, CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { readItemIfAny } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItems } from '../table/query.ts';
import { updateItem } from '../table/write.ts';
import {
  callersClient,
  callersCompany,
  callingApiToken,
  callingContact,
  callingUser,
  sessionEntity,
} from './schema.ts';
import type { ApiTokenIds, PortalSession, StaffSession } from './tokens.ts';

/** Reads the records that identify a caller, strongly consistent: what ends a session or a role does so at once. */
export function callerRepository(table: Table) {
  return {
    /** User, session and company. One call. */
    async staff({ companyId, userId, sessionId }: StaffSession) {
      const [user, session, company] = await getItems(
        table,
        [keys.user(companyId, userId), keys.session(companyId, userId, sessionId), keys.company(companyId)],
        true,
      );
      return {
        user: readItemIfAny(callingUser, user),
        session: readItemIfAny(sessionEntity, session),
        company: readItemIfAny(callersCompany, company),
      };
    },

    /** Contact, client, session and company. One call. */
    async contact({ companyId, clientId, contactId, sessionId }: PortalSession) {
      const [contact, client, session, company] = await getItems(
        table,
        [
          keys.contact(companyId, clientId, contactId),
          keys.client(companyId, clientId),
          keys.session(companyId, contactId, sessionId),
          keys.company(companyId),
        ],
        true,
      );
      return {
        contact: readItemIfAny(callingContact, contact),
        client: readItemIfAny(callersClient, client),
        session: readItemIfAny(sessionEntity, session),
        company: readItemIfAny(callersCompany, company),
      };
    },

    /** API token, the user who made it, and company. One call. */
    async apiToken({ companyId, userId, id }: ApiTokenIds) {
      const [token, maker, company] = await getItems(
        table,
        [keys.apiToken(companyId, id), keys.user(companyId, userId), keys.company(companyId)],
        true,
      );
      return {
        token: readItemIfAny(callingApiToken, token),
        maker: readItemIfAny(callingUser, maker),
        company: readItemIfAny(callersCompany, company),
      };
    },

    /**
     * Stores the day of a token's last use, unless the token has been revoked or has the day already. It counts as a change,
     * because the token is read with the day. One call, which never fails: the next request tries again.
     */
    async markApiTokenUsed(company: CompanyId, id: ApiTokenId, day: string): Promise<void> {
      await updateItem(
        table,
        keys.apiToken(company, id),
        {
          UpdateExpression: 'SET lastUsedOn = :day, #version = if_not_exists(#version, :one) + :one',
          ConditionExpression: 'attribute_exists(PK) AND lastUsedOn <> :day',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':day': day, ':one': 1 },
        },
        () => new Error('the token has been revoked, or has the day'),
      ).catch(() => undefined);
    },
  };
}

export type CallerRepository = ReturnType<typeof callerRepository>;
