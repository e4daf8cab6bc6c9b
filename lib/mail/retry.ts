import { Problem } from '../shared/errors.ts';
import type { CompanyId, LogId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/table.ts';
import { type MailRepository, queuedAgain } from './repository.ts';

/** Sends a failed mail again, named by an entry of the system log. Two calls. */
export function mailRetry(mails: Pick<MailRepository, 'mail' | 'move'>, source: Source) {
  /** @throws Problem `not-found` where the entry is of no mail, `mail-not-failed` */
  return async (company: CompanyId, id: LogId, commit: Commit<unknown>): Promise<void> => {
    const mail = await mails.mail(company, id);
    if (!mail) throw new Problem('not-found');
    if (mail.status !== 'failed') throw new Problem('mail-not-failed');
    const moved = await mails.move(mail, queuedAgain(source.now()), { commit });
    // Whoever was quicker asked for the same.
    if (!moved) throw new Problem('mail-not-failed');
  };
}
