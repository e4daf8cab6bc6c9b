import { loginEntity, type StoredUser } from '../accounts/schema.ts';
import { type EmailStatus, REACHABLE } from '../shared/email.ts';
import type { CompanyId, UserId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { updateItem } from '../table/write.ts';

/** Whether mail reaches users, as they are answered. */
export function userEmailStatusRepository(table: Table) {
  const asWished = new Error('it shows already, or the user is gone');

  /** Shows the status, where it is another one now. One call. */
  async function show(company: CompanyId, id: UserId, { status, since }: EmailStatus, at: string): Promise<void> {
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
      () => asWished,
    ).catch((error: unknown) => {
      if (error !== asWished) throw error;
    });
  }

  return {
    /** Shows on the user who has the mailbox that it gets no more mail. Two calls; one where nobody has it. */
    async mark(company: CompanyId, box: string, { reason, at }: { reason: 'bounced' | 'complained'; at: string }) {
      const item = await getItem(table, keys.login(company, box), true);
      if (item) await show(company, readItem(loginEntity, item).userId, { status: reason, since: at }, at);
    },

    /** Shows that the user gets mail again. One call. */
    clear: (company: CompanyId, user: StoredUser, at: string): Promise<void> => show(company, user.id, REACHABLE, at),
  };
}
