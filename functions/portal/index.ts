import { accountRepository } from '../../lib/accounts/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { contactAccounts } from '../../lib/clients/contacts/accounts.ts';
import { contactWrites } from '../../lib/clients/contacts/repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import type { StoredContact } from '../../lib/clients/schema.ts';
import { oneTimeLinks } from '../../lib/credentials/one-time-links.ts';
import { signInAttempts } from '../../lib/credentials/rate-limit.ts';
import { keyRing } from '../../lib/credentials/signing-keys.ts';
import { noCursors } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { portalInvitations } from '../../lib/portal/invitations.ts';
import { contactPasswords } from '../../lib/portal/passwords.ts';
import { portalRepository } from '../../lib/portal/repository.ts';
import { portalSessions } from '../../lib/portal/sessions.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { portal as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const deps = {
  accounts: accountRepository(table),
  portal: portalRepository(table),
  contacts: contactAccounts({ clients: clientRepository(table), moved: contactWrites(table.name).moved, source }),
  links: oneTimeLinks(table),
  attempts: signInAttempts(table, source, 'portal'),
  ring: keyRing(secretReader(env('SIGNING_SECRET_ARN'))),
  issuer: env('ISSUER'),
  source,
};
const sessions = portalSessions(deps);
const invitations = portalInvitations(deps);
const passwords = contactPasswords(deps);

const shown = (done: { contact: StoredContact; password: string | null }) => ({
  body: done,
  version: done.contact.version,
});

export const handler = httpFunction(
  contract,
  {
    async acceptPortalInvitation({ body, sourceIp }) {
      return { body: await invitations.accept(body, sourceIp) };
    },
    async portalSignIn({ body, sourceIp }) {
      return { body: await sessions.signIn(body, sourceIp) };
    },
    async refreshPortalSession({ body, remember }) {
      return { body: await sessions.refresh(body.refreshToken, (tokens) => remember({ body: tokens })) };
    },
    async portalSignOut({ principal, body }) {
      await sessions.signOut(principal, body?.refreshToken);
      return { body: undefined };
    },
    async getPortalMe({ principal }) {
      return { body: await sessions.me(principal) };
    },
    setContactPassword: async ({ principal, params, body, ifMatch, remember }) =>
      shown(await passwords.set(principal, params, body, ifMatch, (done) => remember(shown(done)))),
  },
  { table, source, cursors: noCursors },
);
