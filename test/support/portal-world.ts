import { accountServices } from '../../lib/accounts/wiring.ts';
import { bearerResolver } from '../../lib/credentials/bearer.ts';
import { callerRepository } from '../../lib/credentials/caller-repository.ts';
import { passwordHashing } from '../../lib/credentials/passwords.ts';
import { hasOneTimeLink } from '../../lib/mail/kinds.ts';
import { oneTimeLinks, secretOf } from '../../lib/mail/one-time-links.ts';
import { mailEntity, type StoredMail } from '../../lib/mail/schema.ts';
import { portalServices } from '../../lib/portal/wiring.ts';
import type { Limit, MailLimits } from '../../lib/rate-limits/schema.ts';
import type { CompanyId, MailId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { readItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { committing, transact } from '../../lib/table/transaction.ts';
import { teamServices } from '../../lib/team/wiring.ts';
import { clientWorld } from './client-world.ts';
import { slugOf } from './company.ts';
import { UNLIMITED, UNLIMITED_MAIL } from './mail-admission.ts';
import { freshTable, type TestSource, testSource } from './table.ts';

const LINK_SECRET = 'the test secret of links';

/** Accounts of contacts and staff, composed as in the functions, with a mail sender that only issues links. */
export function portalWorld(table: Table, source: TestSource, limits: Partial<MailLimits & { signUps: Limit }> = {}) {
  const deps = { table, source };
  const links = oneTimeLinks(table);
  const hashing = passwordHashing('test');
  const readSecret = () => Promise.resolve('the application secret of the tests');
  const { signUps = UNLIMITED, ...mailLimits } = limits;
  const mail = { ...UNLIMITED_MAIL, ...mailLimits };
  const staff = accountServices({ ...deps, readSecret }, hashing, { signUps, mail });

  async function readMail(company: CompanyId, id: MailId): Promise<StoredMail> {
    const item = await getItem(table, keys.mail(company, id), true);
    if (!item) throw new Error('there is no such mail');
    return readItem(mailEntity, item);
  }

  return {
    ...teamServices(deps, mail),
    ...portalServices({ ...deps, readSecret }, { hashing, portalUrl: 'https://portal.example' }),
    commit: committing(table),
    staffAccounts: staff.accounts,
    staffSessions: staff.sessions,
    staffLinks: staff.links,
    signUp: staff.accounts.signUp,
    verification: staff.verification,
    resolve: bearerResolver(callerRepository(table), source),
    mail: readMail,

    /** Issues the one-time link of the mail, and returns the secret in the link. */
    async deliver(company: CompanyId, id: MailId): Promise<string> {
      const { kind, ...sent } = await readMail(company, id);
      if (!hasOneTimeLink(kind)) throw new Error('the mail has no link');
      const secret = secretOf(LINK_SECRET, id);
      await transact(table, [links.issue(company, { ...sent, kind }, secret, source.now())]);
      return secret;
    },
  };
}

export type PortalWorld = ReturnType<typeof portalWorld>;

/** A fresh table with a company, its clients and their portal. */
export async function clientsWithPortal() {
  const { table, calls } = await freshTable();
  const source = testSource();
  const world = await clientWorld(table, source);
  return { table, calls, source, world, portal: portalWorld(table, source), slug: slugOf(world.principal.companyId) };
}
