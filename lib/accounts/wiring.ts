import { callerRepository } from '../credentials/caller-repository.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import { signInAttempts } from '../credentials/rate-limit.ts';
import { sessionRepository } from '../credentials/session-repository.ts';
import { mailAdmissionServices } from '../mail/admission-wiring.ts';
import { oneTimeLinks } from '../mail/one-time-links.ts';
import { networkOf } from '../rate-limits/network.ts';
import { rateLimiter } from '../rate-limits/rate-limiter.ts';
import type { Limit, MailLimits } from '../rate-limits/schema.ts';
import { Problem } from '../shared/errors.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { emailVerification } from './email-verification.ts';
import { accountRepository } from './repository.ts';
import { accountService } from './service.ts';
import { staffSessions } from './sessions.ts';
import { staffLinks } from './staff-links.ts';

/** How often companies may sign up from one network, and how much mail may be sent. */
interface AccountLimits {
  signUps: Limit;
  mail: MailLimits;
}

/** The services for companies, staff accounts and sessions. */
export function accountServices({ table, source }: ServiceDeps, hashing: PasswordHashing, limits: AccountLimits) {
  const accounts = accountRepository(table);
  const sessions = sessionRepository(table);
  const attempts = signInAttempts(table, source);
  const links = oneTimeLinks(table);
  const commit = committing(table);
  const limiter = rateLimiter(table, source);
  const admission = mailAdmissionServices({ table, source }, limits.mail);
  const tooManySignUps = (retryAfter: number) => new Problem('too-many-sign-ups', { retryAfter });
  const takeSignUp = (address: string) => limiter.take('sign-up', networkOf(address), limits.signUps, tooManySignUps);
  return {
    accounts: accountService({ accounts, sessions, attempts, takeSignUp, admission, hashing, source }),
    sessions: staffSessions({ accounts, sessions, callers: callerRepository(table), attempts, hashing, source }),
    links: staffLinks({ accounts, sessions, links, attempts, admission, hashing, commit, source }),
    verification: emailVerification({ accounts, links, attempts, admission, commit, source }),
  };
}
