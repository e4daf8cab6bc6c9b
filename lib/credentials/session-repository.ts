import { type Session, sessionEntity } from '../accounts/schema.ts';
import type { CompanyId, ContactId, SessionId, UserId } from '../shared/ids.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { deleteItem, putItem, queryAll, type Table, transact, type Write, writes } from '../table/table.ts';

/** Who can have sessions: a user of the staff or a contact of a client. */
type SessionHolder = UserId | ContactId;

/** The sessions of whoever signs in. */
export function sessionRepository(table: Table) {
  const on = writes(table.name);

  return {
    async openSession(company: CompanyId, holder: SessionHolder, session: Session): Promise<void> {
      await putItem(table, keys.session(company, holder, session.id), asItem(sessionEntity, session), {
        ConditionExpression: 'attribute_not_exists(PK)',
      });
    },

    /** Moves a session on to its next refresh token, if `from` is still the good one; else answers false. */
    async rotateSession(
      company: CompanyId,
      holder: SessionHolder,
      id: SessionId,
      change: { from: string; to: string; ttl: number },
      along: readonly Write[],
    ): Promise<boolean> {
      const stale = new Error('the refresh token is not the present one');
      try {
        await transact(table, [
          on.update(
            keys.session(company, holder, id),
            {
              UpdateExpression: 'SET refreshHash = :to, #ttl = :ttl',
              ConditionExpression: 'refreshHash = :from',
              ExpressionAttributeNames: { '#ttl': 'ttl' },
              ExpressionAttributeValues: { ':from': change.from, ':to': change.to, ':ttl': change.ttl },
            },
            () => stale,
          ),
          ...along,
        ]);
        return true;
      } catch (error) {
        if (error === stale) return false;
        throw error;
      }
    },

    async closeSession(company: CompanyId, holder: SessionHolder, id: SessionId): Promise<void> {
      await deleteItem(table, keys.session(company, holder, id));
    },

    /** Ends all sessions but one. A call to list and one for each. */
    async closeSessions(company: CompanyId, holder: SessionHolder, but?: SessionId): Promise<void> {
      const items = await queryAll(table, ranges.sessions(company, holder));
      const open = items.map((item) => readItem(sessionEntity, item)).filter(({ id }) => id !== but);
      await Promise.all(open.map(({ id }) => deleteItem(table, keys.session(company, holder, id))));
    },
  };
}

export type SessionRepository = ReturnType<typeof sessionRepository>;
