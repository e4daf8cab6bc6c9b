import { callerRepository } from '../credentials/caller-repository.ts';
import { deviceTokens } from '../credentials/devices.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import { signInAttempts as resetAttempts } from '../credentials/rate-limit.ts';
import { sessionRepository } from '../credentials/session-repository.ts';
import { signInAttempts } from '../credentials/sign-in-attempts.ts';
import type { HttpDeps } from '../http/function.ts';
import { oneTimeLinks } from '../mail/one-time-links.ts';
import { committing } from '../table/transaction.ts';
import { accountRepository } from './repository.ts';
import { accountService } from './service.ts';
import { staffSessions } from './sessions.ts';
import { staffLinks } from './staff-links.ts';

/** The services for companies, staff accounts and sessions. Device tokens are sealed with the secret. */
export function accountServices({ table, source, readSecret }: HttpDeps, hashing: PasswordHashing) {
  const accounts = accountRepository(table);
  const sessions = sessionRepository(table);
  const attempts = signInAttempts(table, source);
  const devices = deviceTokens(readSecret, source, 'staff');
  const commit = committing(table);
  return {
    accounts: accountService({ accounts, sessions, attempts, hashing, commit, source }),
    sessions: staffSessions({
      accounts,
      sessions,
      callers: callerRepository(table),
      attempts,
      devices,
      hashing,
      commit,
      source,
    }),
    links: staffLinks({
      accounts,
      sessions,
      links: oneTimeLinks(table),
      attempts,
      resets: resetAttempts(table, source, 'reset'),
      devices,
      hashing,
      commit,
      source,
    }),
  };
}
