import { accountRepository } from '../accounts/repository.ts';
import { activityWrites } from '../activity/writes.ts';
import { contactAccounts } from '../clients/contacts/accounts.ts';
import { contactWrites } from '../clients/contacts/repository.ts';
import { clientRepository } from '../clients/repository.ts';
import { callerRepository } from '../credentials/caller-repository.ts';
import { deviceTokens } from '../credentials/devices.ts';
import type { PasswordHashing } from '../credentials/passwords.ts';
import { sessionRepository } from '../credentials/session-repository.ts';
import { signInAttempts } from '../credentials/sign-in-attempts.ts';
import type { HttpDeps } from '../http/function.ts';
import { oneTimeLinks } from '../mail/one-time-links.ts';
import { committing } from '../table/transaction.ts';
import { portalInvitations } from './invitations.ts';
import { portalLinks } from './links.ts';
import { contactPasswords } from './passwords.ts';
import { portalRepository } from './repository.ts';
import { portalSessions } from './sessions.ts';

interface PortalSettings {
  hashing: PasswordHashing;
  /** Where the portal is, without a slash at the end. */
  portalUrl: string;
}

/** The services for the accounts and sessions of contacts. Device tokens are sealed with the secret. */
export function portalServices({ table, source, readSecret }: HttpDeps, { hashing, portalUrl }: PortalSettings) {
  const accounts = accountRepository(table);
  const portal = portalRepository(table);
  const sessions = sessionRepository(table);
  const attempts = signInAttempts(table, source, 'portal');
  const devices = deviceTokens(readSecret, source, 'portal');
  const commit = committing(table);
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
      devices,
      hashing,
      commit,
      source,
    }),
    invitations: portalInvitations({
      accounts,
      portal,
      sessions,
      contacts,
      links: oneTimeLinks(table),
      attempts,
      devices,
      hashing,
      commit,
      source,
    }),
    links: portalLinks({
      accounts,
      portal,
      sessions,
      contacts,
      activity: activityWrites(table.name),
      attempts,
      devices,
      hashing,
      portalUrl,
      commit,
      source,
    }),
    passwords: contactPasswords({ portal, contacts, hashing, source }),
  };
}
