import { accountRepository } from '../accounts/repository.ts';
import { contactAccounts } from '../clients/contacts/accounts.ts';
import { contactWrites } from '../clients/contacts/repository.ts';
import { clientRepository } from '../clients/repository.ts';
import { callerRepository } from '../credentials/caller-repository.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import { signInAttempts } from '../credentials/rate-limit.ts';
import { sessionRepository } from '../credentials/session-repository.ts';
import { oneTimeLinks } from '../mail/one-time-links.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { portalInvitations } from './invitations.ts';
import { contactPasswords } from './passwords.ts';
import { portalRepository } from './repository.ts';
import { portalSessions } from './sessions.ts';

/** The services for the accounts and sessions of contacts. */
export function portalServices({ table, source }: ServiceDeps, hashing: PasswordHashing) {
  const accounts = accountRepository(table);
  const portal = portalRepository(table);
  const sessions = sessionRepository(table);
  const attempts = signInAttempts(table, source, 'portal');
  const contacts = contactAccounts({
    clients: clientRepository(table),
    writesToReplaceContacts: contactWrites(table.name).writesToReplace,
    source,
  });
  return {
    sessions: portalSessions({
      accounts,
      portal,
      sessions,
      callers: callerRepository(table),
      attempts,
      hashing,
      source,
    }),
    invitations: portalInvitations({
      accounts,
      portal,
      sessions,
      contacts,
      links: oneTimeLinks(table),
      attempts,
      hashing,
      commit: committing(table),
      source,
    }),
    passwords: contactPasswords({ portal, contacts, hashing, source }),
  };
}
