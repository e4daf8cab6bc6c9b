import { accountRepository } from '../../lib/accounts/repository.ts';
import { accountService } from '../../lib/accounts/service.ts';
import { sessionService } from '../../lib/accounts/sessions.ts';
import { staffLinks } from '../../lib/accounts/staff-links.ts';
import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { oneTimeLinks } from '../../lib/credentials/one-time-links.ts';
import { signInAttempts } from '../../lib/credentials/rate-limit.ts';
import { keyRing } from '../../lib/credentials/signing-keys.ts';
import { noCursors } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { Problem } from '../../lib/shared/errors.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { accounts as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const accounts = accountRepository(table);
const attempts = signInAttempts(table, source);
const ring = keyRing(secretReader(env('SIGNING_SECRET_ARN')));
const sessions = sessionService({ accounts, attempts, ring, issuer: env('ISSUER'), source });
const links = staffLinks({
  accounts,
  links: oneTimeLinks(table),
  attempts,
  resets: signInAttempts(table, source, 'reset'),
  ring,
  issuer: env('ISSUER'),
  source,
});
const service = accountService({ accounts, attempts, source });
const signUpOpen = env('SIGN_UP') === 'open';

export const handler = httpFunction(
  contract,
  {
    async signUp({ body, remember }) {
      if (!signUpOpen) throw new Problem('sign-up-closed');
      const reply = (created: Awaited<ReturnType<typeof service.signUp>>) => ({
        body: created,
        location: '/v1/company',
      });
      return reply(await service.signUp(body, (created) => remember(reply(created))));
    },
    async signIn({ body, sourceIp }) {
      return { body: await sessions.signIn(body.company, body.email, body.password, sourceIp) };
    },
    async refreshSession({ body, remember }) {
      return { body: await sessions.refresh(body.refreshToken, (tokens) => remember({ body: tokens })) };
    },
    async acceptUserInvitation({ body, sourceIp }) {
      return { body: await links.acceptInvitation(body, sourceIp) };
    },
    async requestPasswordReset({ body, sourceIp }) {
      await links.requestReset(body.company, body.email, sourceIp);
      return { body: undefined };
    },
    async confirmPasswordReset({ body, sourceIp }) {
      await links.confirmReset(body, sourceIp);
      return { body: undefined };
    },
    async signOut({ principal, body }) {
      if (principal.kind === 'user') await sessions.signOut({ ...principal, userId: principal.id }, body?.refreshToken);
      return { body: undefined };
    },
    async getMe({ principal }) {
      return { body: await service.me(principal) };
    },
    async changePassword({ principal, body }) {
      await service.changePassword(principal, body.currentPassword, body.newPassword);
      return { body: undefined };
    },
    async getSigningKeys() {
      const keys = await ring.accepted();
      return { body: { keys: keys.map(({ jwk }) => jwk) } };
    },
  },
  { table, source, cursors: noCursors },
);
