import { accountRepository } from '../../lib/accounts/repository.ts';
import type { User } from '../../lib/accounts/schema.ts';
import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { teamService } from '../../lib/team/service.ts';
import { team as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const accounts = accountRepository(table);
const team = teamService(accounts, source);

const invited = (user: User) => ({ body: user, version: user.version, location: `/v1/users/${user.id}` });

export const handler = httpFunction(
  contract,
  {
    async listUsers({ principal, query, cursor }) {
      const page = await accounts.users(principal.companyId, query.limit, await cursor.open(query.cursor));
      return { body: { data: page.users, nextCursor: await cursor.seal(page.next) } };
    },
    async inviteUser({ principal, body, remember }) {
      return invited(await team.invite(principal, body, (user) => remember(invited(user))));
    },
    async sendUserInvitation({ principal, params, remember }) {
      return { body: await team.inviteAgain(principal, params.userId, (user) => remember({ body: user })) };
    },
    async getUser({ principal, params }) {
      const user = await team.user(principal.companyId, params.userId);
      return { body: user, version: user.version };
    },
    async changeUser({ principal, params, body, ifMatch }) {
      const user = await team.changeUser(principal, params.userId, body, ifMatch);
      return { body: user, version: user.version };
    },
    async createApiToken({ principal, body, remember }) {
      return { body: await team.createApiToken(principal, body, (created) => remember({ body: created })) };
    },
    async listApiTokens({ principal, query, cursor }) {
      const page = await accounts.apiTokens(principal.companyId, query.limit, await cursor.open(query.cursor));
      return { body: { data: page.tokens, nextCursor: await cursor.seal(page.next) } };
    },
    async revokeApiToken({ principal, params }) {
      await team.revokeApiToken(principal.companyId, params.tokenId);
      return { body: undefined };
    },
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);
