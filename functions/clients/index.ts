import { activityLog } from '../../lib/activity/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { overviewOf } from '../../lib/clients/overview.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import type { ClientProfile } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { linkRepository } from '../../lib/clients/user-links/repository.ts';
import { documentRepository } from '../../lib/documents/repository.ts';
import { shownDocument } from '../../lib/documents/schema.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { clientFinder } from '../../lib/search/finder.ts';
import { clientListRepository } from '../../lib/search/list-repository.ts';
import { clientSearchRepository } from '../../lib/search/search-repository.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import type { ClientId, CompanyId } from '../../lib/shared/ids.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { clients as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const repository = clientRepository(table);
const find = clientFinder({ lists: clientListRepository(table), search: clientSearchRepository(table) });
const clients = clientService({
  clients: repository,
  nextNumber: clientNumbers(table, source).next,
  customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
  source,
});

const links = linkRepository(table);
const activity = activityLog(table);
const overview = overviewOf(repository);
/** Entries of a page that `include` adds to the profile. */
const INCLUDED = 50;

async function newestDocuments(company: CompanyId, client: ClientId) {
  const request = { filter: {}, limit: INCLUDED, after: undefined, now: source.now() };
  const { documents } = await documentRepository(table).page(company, client, request);
  return documents.map(shownDocument);
}

const shown = (profile: ClientProfile) => ({ body: profile, version: profile.version });
const created = (profile: ClientProfile) => ({ ...shown(profile), location: `/v1/clients/${profile.id}` });

export const handler = httpFunction(
  contract,
  {
    createClient: async ({ principal, body, remember }) =>
      created(await clients.create(principal, body, (profile) => remember(created(profile)))),
    async listClients({ principal, query, cursor }) {
      const page = await find(principal.companyId, query, await cursor.open(query.cursor));
      return { body: { data: page.clients, nextCursor: await cursor.seal(page.next) } };
    },
    async getClient({ principal, params, query }) {
      const profile = await clients.profile(principal, params.clientId);
      const wanted = new Set(query.include?.split(','));
      const { companyId } = principal;
      const [done, documents, linked] = await Promise.all([
        wanted.has('activity') && activity.page(companyId, params.clientId, INCLUDED, undefined),
        wanted.has('documents') && newestDocuments(companyId, params.clientId),
        wanted.has('users') && links.users(companyId, params.clientId, INCLUDED, undefined),
      ]);
      const included = {
        ...(done && { activity: done.entries }),
        ...(documents && { documents }),
        ...(linked && { users: linked.users }),
      };
      return { body: { ...profile, ...included }, version: profile.version };
    },
    getClientOverview: async ({ principal, params }) => ({ body: await overview(principal, params.clientId) }),
    changeClient: async ({ principal, params, body, ifMatch }) =>
      shown(await clients.patch(principal, params.clientId, body, ifMatch)),
    archiveClient: async ({ principal, params, ifMatch, remember }) =>
      shown(await clients.archive(principal, params.clientId, ifMatch, (profile) => remember(shown(profile)))),
    restoreClient: async ({ principal, params, ifMatch, remember }) =>
      shown(await clients.restore(principal, params.clientId, ifMatch, (profile) => remember(shown(profile)))),
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);
