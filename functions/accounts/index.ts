import { accountServices } from '../../lib/accounts/wiring.ts';
import { env } from '../../lib/aws/env.ts';
import { passwordHashing } from '../../lib/credentials/passwords.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply } from '../../lib/http/replies.ts';
import { parseLimit, parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { Problem } from '../../lib/shared/errors.ts';
import { accounts as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const limits = { signUps: parseLimit(env('SIGN_UP_LIMIT')), mail: parseMailLimits(env('MAIL_LIMITS')) };
  const hashing = passwordHashing(env('PASSWORD_HASHING'));
  const { accounts, sessions, links, verification } = accountServices(deps, hashing, limits);
  const signUpIsOpen = env('SIGN_UP') === 'open';
  const signedUp = <T>(body: T) => ({ body, location: '/v1/company' });

  return {
    signUp: {
      async run({ body, sourceIp, commit }) {
        if (!signUpIsOpen) throw new Problem('sign-up-closed');
        return signedUp(await accounts.signUp(body, sourceIp, commit(signedUp)));
      },
      findFaults: ({ body }) => accounts.faultsOfSignUp(body),
    },
    async requestEmailVerification({ body, sourceIp }) {
      await verification.request(body.company, body.email, sourceIp);
      return emptyReply;
    },
    async confirmEmailVerification({ body, sourceIp }) {
      await verification.confirm(body, sourceIp);
      return emptyReply;
    },
    async signIn({ body, sourceIp }) {
      return { body: await sessions.signIn(body, sourceIp) };
    },
    async refreshSession({ body, commit }) {
      return {
        body: await sessions.refresh(
          body.refreshToken,
          commit((tokens) => ({ body: tokens })),
        ),
      };
    },
    async acceptUserInvitation({ body, sourceIp }) {
      return { body: await links.acceptInvitation(body, sourceIp) };
    },
    async requestPasswordReset({ body, sourceIp }) {
      await links.requestReset(body.company, body.email, sourceIp);
      return emptyReply;
    },
    async confirmPasswordReset({ body, sourceIp }) {
      await links.confirmReset(body, sourceIp);
      return emptyReply;
    },
    async signOut({ principal, body }) {
      if (principal.kind === 'user') await sessions.signOut(principal, body?.refreshToken);
      return emptyReply;
    },
    async getMe({ principal }) {
      return { body: await accounts.me(principal) };
    },
    changePassword: {
      async run({ principal, body }) {
        await accounts.changePassword(principal, body.currentPassword, body.newPassword);
        return emptyReply;
      },
      findFaults: ({ principal, body }) => accounts.faultsOfNewPassword(principal, body.newPassword),
    },
  };
});
