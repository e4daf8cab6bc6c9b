import { Problem } from '../shared/errors.ts';
import type { CompanyId, LogId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import { type MailRepository, queuedAgain } from './repository.ts';

/** Sends failed mails again. */
export function mailRetry(mails: Pick<MailRepository, 'getMail' | 'update'>, source: Source) {
  /**
   * Queues the failed mail that an entry of the system log belongs to. Two calls.
   * @throws Problem `not-found` if the entry is not about a mail, `mail-not-failed`
   */
  return async (company: CompanyId, id: LogId, commit: Commit<unknown>): Promise<void> => {
    const mail = await mails.getMail(company, id);
    if (!mail) throw new Problem('not-found');
    if (mail.status !== 'failed') throw new Problem('mail-not-failed');
    const updated = await mails.update(mail, queuedAgain(source.now()), { commit });
    // A concurrent request has queued it.
    if (!updated) throw new Problem('mail-not-failed');
  };
}
