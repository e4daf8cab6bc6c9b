import { MailId } from '../../lib/shared/ids.ts';
import type { Commit } from '../../lib/table/transaction.ts';

/** A commit that remembers the ids of the mails that it queues. */
export function rememberMails<T>(commit: Commit<T>): { commit: Commit<T>; mails: MailId[] } {
  const mails: MailId[] = [];
  return {
    mails,
    async commit(writes, result) {
      await commit(writes, result);
      for (const { write } of writes) {
        const { entity, mailId } = write.Put?.Item ?? {};
        if (entity === 'mail') mails.push(MailId.parse(mailId));
      }
    },
  };
}
