import { env } from '../../lib/aws/env.ts';
import { withLock } from '../../lib/clients/contacts/lock.ts';
import type { StoredContact } from '../../lib/clients/schema.ts';
import { passwordHashing } from '../../lib/credentials/passwords.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply } from '../../lib/http/replies.ts';
import { portalServices } from '../../lib/portal/wiring.ts';
import { withShownContactFields } from '../../lib/shared/custom-field-shapes.ts';
import { portal as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const { sessions, invitations, links, passwords } = portalServices(deps, {
    hashing: passwordHashing(env('PASSWORD_HASHING')),
    portalUrl: env('PORTAL_URL'),
  });
  const withPassword = ({ contact, password }: { contact: StoredContact; password: string | null }) => ({
    body: { contact: withLock(contact, deps.source.now()), password },
    version: contact.version,
  });
  return {
    async acceptPortalInvitation({ body, sourceIp }) {
      return { body: await invitations.accept(body, sourceIp) };
    },
    async acceptPortalLink({ body, sourceIp }) {
      return { body: await links.accept(body, sourceIp) };
    },
    createPortalLink: async ({ principal, params }) => ({ body: await links.create(principal, params) }),
    async portalSignIn({ body, sourceIp }) {
      return { body: await sessions.signIn(body, sourceIp) };
    },
    async refreshPortalSession({ body, commit }) {
      return {
        body: await sessions.refresh(
          body.refreshToken,
          commit((tokens) => ({ body: tokens })),
        ),
      };
    },
    async portalSignOut({ principal, body }) {
      await sessions.signOut(principal, body?.refreshToken);
      return emptyReply;
    },
    async getPortalMe({ principal }) {
      return { body: await sessions.me(principal) };
    },
    setContactPassword: {
      async run({ principal, params, body, ifMatch, commit }) {
        const toReply = ({ contact, password }: { contact: StoredContact; password: string | null }) =>
          withPassword({ contact: withShownContactFields(principal, contact), password });
        return toReply(await passwords.set(principal, params, body, ifMatch, commit(toReply)));
      },
      findFaults: ({ principal, params, body }) => passwords.faultsOf(principal, params, body),
    },
  };
});
