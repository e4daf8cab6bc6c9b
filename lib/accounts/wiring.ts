import { callerRepository } from '../credentials/caller-repository.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import { signInAttempts } from '../credentials/rate-limit.ts';
import { sessionRepository } from '../credentials/session-repository.ts';
import { oneTimeLinks } from '../mail/one-time-links.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { accountRepository } from './repository.ts';
import { accountService } from './service.ts';
import { staffSessions } from './sessions.ts';
import { staffLinks } from './staff-links.ts';

/** The services for companies, staff accounts and sessions. */
export function accountServices({ table, source }: ServiceDeps, hashing: PasswordHashing) {
  const accounts = accountRepository(table);
  const sessions = sessionRepository(table);
  const attempts = signInAttempts(table, source);
  return {
    accounts: accountService({ accounts, sessions, attempts, hashing, source }),
    sessions: staffSessions({ accounts, sessions, callers: callerRepository(table), attempts, hashing, source }),
    links: staffLinks({
      accounts,
      sessions,
      links: oneTimeLinks(table),
      attempts,
      resets: signInAttempts(table, source, 'reset'),
      hashing,
      commit: committing(table),
      source,
    }),
  };
}
