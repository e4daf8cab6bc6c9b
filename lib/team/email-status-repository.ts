import { loginEntity, type StoredUser } from '../accounts/schema.ts';
import { type EmailStatus, REACHABLE } from '../shared/email.ts';
import type { CompanyId, UserId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { updateItem } from '../table/write.ts';

/** The e-mail status of users. */
export function userEmailStatusRepository(table: Table) {
  const unchanged = new Error('the user has this status already, or has been deleted');

  /** Sets the status if it differs from the stored one. One call. */
  async function setStatus(company: CompanyId, id: UserId, { status, since }: EmailStatus, at: string): Promise<void> {
    await updateItem(
      table,
      keys.user(company, id),
      {
        UpdateExpression: 'SET emailStatus = :next, updatedAt = :at ADD #version :one',
        ConditionExpression:
          status === 'ok'
            ? 'attribute_exists(PK) AND emailStatus.#status <> :status'
            : 'attribute_exists(PK) AND (attribute_not_exists(emailStatus) OR emailStatus.#status <> :status)',
        ExpressionAttributeNames: { '#version': 'version', '#status': 'status' },
        ExpressionAttributeValues: { ':next': { status, since }, ':status': status, ':at': at, ':one': 1 },
      },
      () => unchanged,
    ).catch((error: unknown) => {
      if (error !== unchanged) throw error;
    });
  }

  return {
    /** Records a bounce or a complaint on the user who has the mailbox. Two calls; one if no user has it. */
    async mark(company: CompanyId, mailbox: string, { reason, at }: { reason: 'bounced' | 'complained'; at: string }) {
      const item = await getItem(table, keys.login(company, mailbox), true);
      if (item) await setStatus(company, readItem(loginEntity, item).userId, { status: reason, since: at }, at);
    },

    /** Records that the user gets mail again. One call. */
    clear: (company: CompanyId, user: StoredUser, at: string): Promise<void> =>
      setStatus(company, user.id, REACHABLE, at),
  };
}
