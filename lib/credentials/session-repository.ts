import type { CompanyId, ContactId, SessionId, UserId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { type Write, writes } from '../table/transaction.ts';
import { deleteItem } from '../table/write.ts';
import { type Session, sessionEntity } from './schema.ts';

/** The owner of a session: a user of the staff or a contact of a client. */
export type SessionHolder = UserId | ContactId;

/** The sessions of users and contacts. */
export function sessionRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** The write that stores a new session. It belongs into a transaction that checks the credentials. */
    writeToOpen: (company: CompanyId, holder: SessionHolder, session: Session): Write =>
      on.create(keys.session(company, holder, session.id), asItem(sessionEntity, session)),

    /** The write that keeps a session valid when the credentials of its holder get a new generation. */
    writeToKeep: (
      company: CompanyId,
      holder: SessionHolder,
      id: SessionId,
      generation: string,
      gone: () => Error,
    ): Write =>
      on.update(
        keys.session(company, holder, id),
        {
          UpdateExpression: 'SET generation = :generation',
          ConditionExpression: 'attribute_exists(PK)',
          ExpressionAttributeValues: { ':generation': generation },
        },
        gone,
      ),

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
  };
}

export type SessionRepository = ReturnType<typeof sessionRepository>;
