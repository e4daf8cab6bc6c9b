import { bearerResolver } from '../../lib/accounts/bearer.ts';
import { accountRepository } from '../../lib/accounts/repository.ts';
import { sessionService } from '../../lib/accounts/sessions.ts';
import { staffLinks } from '../../lib/accounts/staff-links.ts';
import { contactAccounts } from '../../lib/clients/contacts/accounts.ts';
import { contactWrites } from '../../lib/clients/contacts/repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { oneTimeLinks, secretOf } from '../../lib/credentials/one-time-links.ts';
import { signInAttempts } from '../../lib/credentials/rate-limit.ts';
import { keyRing } from '../../lib/credentials/signing-keys.ts';
import { hasOneTimeLink } from '../../lib/mail/kinds.ts';
import { mailEntity, type StoredMail } from '../../lib/mail/schema.ts';
import { portalInvitations } from '../../lib/portal/invitations.ts';
import { contactPasswords } from '../../lib/portal/passwords.ts';
import { portalRepository } from '../../lib/portal/repository.ts';
import { portalSessions } from '../../lib/portal/sessions.ts';
import type { CompanyId, MailId } from '../../lib/shared/ids.ts';
import { readItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem, type Table, transact } from '../../lib/table/table.ts';
import { teamService } from '../../lib/team/service.ts';
import type { TestSource } from './table.ts';

const LINK_SECRET = 'what the secrets of links derive from';
const issuer = 'https://api.example';

/** Accounts of contacts and staff, wired as the functions wire them, with a mail sender that only makes links good. */
export function portalWorld(table: Table, source: TestSource) {
  const accounts = accountRepository(table);
  const portal = portalRepository(table);
  const links = oneTimeLinks(table);
  const ring = keyRing({ read: async () => 'a secret', forget: () => undefined });
  const attempts = signInAttempts(table, source, 'portal');
  const staffAttempts = signInAttempts(table, source);
  const changes = { clients: clientRepository(table), moved: contactWrites(table.name).moved, source };
  const deps = { accounts, portal, contacts: contactAccounts(changes), links, attempts, ring, issuer, source };

  async function mail(company: CompanyId, id: MailId): Promise<StoredMail> {
    const item = await getItem(table, keys.mail(company, id), true);
    if (!item) throw new Error('there is no such mail');
    return readItem(mailEntity, item);
  }

  return {
    accounts,
    team: teamService(accounts, source),
    sessions: portalSessions(deps),
    invitations: portalInvitations(deps),
    passwords: contactPasswords(deps),
    staffSessions: sessionService({ accounts, attempts: staffAttempts, ring, issuer, source }),
    staffLinks: staffLinks({
      accounts,
      links,
      attempts: staffAttempts,
      resets: signInAttempts(table, source, 'reset'),
      ring,
      issuer,
      source,
    }),
    resolve: bearerResolver({ accounts, portal, ring, issuer, source }),
    mail,

    /** Sends the mail as far as this is about links: answers what the link carries. */
    async deliver(company: CompanyId, id: MailId): Promise<string> {
      const { kind, ...sent } = await mail(company, id);
      if (!hasOneTimeLink(kind)) throw new Error('that mail has no link');
      const secret = secretOf(LINK_SECRET, id);
      await transact(table, [links.issue(company, { ...sent, kind }, secret, source.now())]);
      return secret;
    },
  };
}

export type PortalWorld = ReturnType<typeof portalWorld>;
