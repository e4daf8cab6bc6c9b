import { env } from '../../lib/aws/env.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply } from '../../lib/http/replies.ts';
import { mailRetryServices, mailServices } from '../../lib/mail/wiring.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { mailbox } from '../../lib/shared/email.ts';
import { Problem } from '../../lib/shared/errors.ts';
import { mail as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const { accounts, mails, userEmailStatus, contactEmailStatus } = mailServices(deps);
  const { retryMail } = mailRetryServices(deps, parseMailLimits(env('MAIL_LIMITS')));
  return {
    async retryMail({ principal, params: { logId }, commit }) {
      const reply = { body: { logId, status: 'queued' as const } };
      await retryMail(
        principal,
        logId,
        commit(() => reply),
      );
      return reply;
    },
    async clearContactSuppression({ principal, params }) {
      await contactEmailStatus.clear(principal, params.clientId, params.contactId);
      return emptyReply;
    },
    async clearUserSuppression({ principal: { companyId }, params }) {
      const user = await accounts.user(companyId, params.userId);
      if (!user) throw new Problem('not-found');
      await mails.unsuppress(companyId, mailbox(user.email));
      await userEmailStatus.clear(companyId, user, deps.source.now().toISOString());
      return emptyReply;
    },
  };
});
