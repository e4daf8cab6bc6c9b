import type { CompanyId, ContactId, SessionId, UserId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { queryAll } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { deleteItem, putItem } from '../table/write.ts';
import { type Session, sessionEntity } from './schema.ts';

/** The owner of a session: a user of the staff or a contact of a client. */
export type SessionHolder = UserId | ContactId;

/** The sessions of users and contacts. */
export function sessionRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** Stores a new session. One call. */
    async open(company: CompanyId, holder: SessionHolder, session: Session): Promise<void> {
      await putItem(table, keys.session(company, holder, session.id), asItem(sessionEntity, session), {
        ConditionExpression: 'attribute_not_exists(PK)',
      });
    },

    /** The write that replaces the tokens of a session. It fails with `refusal` if the refresh token is no longer the one in `session`. */
    rotation(
      company: CompanyId,
      holder: SessionHolder,
      { id, refreshHash }: Session,
      next: Pick<Session, 'access' | 'refreshHash' | 'ttl'>,
      refusal: () => Error,
    ): Write {
      return on.update(
        keys.session(company, holder, id),
        {
          UpdateExpression: 'SET refreshHash = :next, #access = :access, #ttl = :ttl',
          ConditionExpression: 'refreshHash = :present',
          ExpressionAttributeNames: { '#access': 'access', '#ttl': 'ttl' },
          ExpressionAttributeValues: {
            ':present': refreshHash,
            ':next': next.refreshHash,
            ':access': next.access,
            ':ttl': next.ttl,
          },
        },
        refusal,
      );
    },

    /** Ends a session. One call. */
    async close(company: CompanyId, holder: SessionHolder, id: SessionId): Promise<void> {
      await deleteItem(table, keys.session(company, holder, id));
    },

    /** Ends all sessions, except one if it is given. One call to list them, and one for each. */
    async closeAll(company: CompanyId, holder: SessionHolder, except?: SessionId): Promise<void> {
      const items = await queryAll(table, ranges.sessions(company, holder));
      const open = items.map((item) => readItem(sessionEntity, item)).filter(({ id }) => id !== except);
      await Promise.all(open.map(({ id }) => deleteItem(table, keys.session(company, holder, id))));
    },
  };
}

export type SessionRepository = ReturnType<typeof sessionRepository>;
