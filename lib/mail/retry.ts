import { Problem } from '../shared/errors.ts';
import type { ContactId, LogId, UserId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import type { AdmitMail } from './admission.ts';
import { type MailRepository, queuedAgain } from './repository.ts';
import type { StoredMail } from './schema.ts';

interface RetryDeps {
  mails: Pick<MailRepository, 'getMail' | 'update'>;
  /** Whom a mail goes to; undefined if the recipient was deleted or has no address. */
  findAddressee: (mail: StoredMail) => Promise<{ address: string; id: ContactId | UserId } | undefined>;
  admitMail: AdmitMail;
  source: Source;
}

/** Sends failed mails again. */
export function mailRetry({ mails, findAddressee, admitMail, source }: RetryDeps) {
  /**
   * Queues the failed mail that an entry of the system log belongs to. Six calls. It counts as a mail like any other.
   * @throws Problem `not-found` if the entry is not about a mail, `mail-not-failed`, `email-not-verified`, `too-many-mails`
   */
  return async (principal: Principal, id: LogId, commit: Commit<unknown>): Promise<void> => {
    const mail = await mails.getMail(principal.companyId, id);
    if (!mail) throw new Problem('not-found');
    if (mail.status !== 'failed') throw new Problem('mail-not-failed');
    const addressee = await findAddressee(mail);
    if (addressee) await admitMail(principal, addressee);
    const updated = await mails.update(mail, queuedAgain(source.now()), { commit });
    // A concurrent request has queued it.
    if (!updated) throw new Problem('mail-not-failed');
  };
}
