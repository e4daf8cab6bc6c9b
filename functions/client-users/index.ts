import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { linkRepository } from '../../lib/clients/user-links/repository.ts';
import { linkService } from '../../lib/clients/user-links/service.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { effectiveSettings } from '../../lib/settings/cascade.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { clientUsers as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const links = linkService({
  clients: clientRepository(table),
  links: linkRepository(table),
  currencyOf: (levels) => effectiveSettings(levels).currency.value,
  source,
});

export const handler = httpFunction(
  contract,
  {
    linkUser: async ({ principal, params }) => ({ body: await links.link(principal, params.clientId, params.userId) }),
    async unlinkUser({ principal, params }) {
      await links.unlink(principal, params.clientId, params.userId);
      return { body: undefined };
    },
    async listClientUsers({ principal, params, query, cursor }) {
      const page = await links.usersOf(principal, params.clientId, query.limit, await cursor.open(query.cursor));
      return { body: { data: page.users, nextCursor: await cursor.seal(page.next) } };
    },
    async listUserClients({ principal, params, query, cursor }) {
      const page = await links.clientsOf(principal, params.userId, query.limit, await cursor.open(query.cursor));
      return { body: { data: page.clients, nextCursor: await cursor.seal(page.next) } };
    },
    async listMyClients({ principal, query, cursor }) {
      const page = await links.ownClients(principal, query.limit, await cursor.open(query.cursor));
      return { body: { data: page.clients, nextCursor: await cursor.seal(page.next) } };
    },
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);
