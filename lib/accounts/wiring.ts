import { callerRepository } from '../credentials/caller-repository.ts';
import { deviceTokens } from '../credentials/devices.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import { sessionRepository } from '../credentials/session-repository.ts';
import { signInAttempts } from '../credentials/sign-in-attempts.ts';
import type { HttpDeps } from '../http/function.ts';
import { mailAdmissionServices } from '../mail/admission-wiring.ts';
import { oneTimeLinks } from '../mail/one-time-links.ts';
import { rateLimiter } from '../rate-limits/rate-limiter.ts';
import type { Limit, MailLimits } from '../rate-limits/schema.ts';
import { Problem } from '../shared/errors.ts';
import { networkOf } from '../shared/network.ts';
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

/** The services for companies, staff accounts and sessions. Device tokens are sealed with the secret. */
export function accountServices(
  { table, source, readSecret }: HttpDeps,
  hashing: PasswordHashing,
  limits: AccountLimits,
) {
  const accounts = accountRepository(table);
  const sessions = sessionRepository(table);
  const callers = callerRepository(table);
  const attempts = signInAttempts(table, source);
  const devices = deviceTokens(readSecret, source, 'staff');
  const links = oneTimeLinks(table);
  const commit = committing(table);
  const limiter = rateLimiter(table, source);
  const admission = mailAdmissionServices({ table, source }, limits.mail);
  const tooManySignUps = (retryAfter: number) => new Problem('too-many-sign-ups', { retryAfter });
  const takeSignUp = (address: string) => limiter.take('sign-up', networkOf(address), limits.signUps, tooManySignUps);
  return {
    accounts: accountService({ accounts, sessions, attempts, takeSignUp, admission, hashing, commit, source }),
    sessions: staffSessions({ accounts, sessions, callers, attempts, devices, hashing, commit, source }),
    links: staffLinks({ accounts, sessions, links, attempts, devices, admission, hashing, commit, source }),
    verification: emailVerification({ accounts, links, attempts, admission, commit, source }),
  };
}
