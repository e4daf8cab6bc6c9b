import { clientFinder } from '../../lib/search/finder.ts';
import { clientLookUp } from '../../lib/search/look-up.ts';
import { reindexRepository } from '../../lib/search/reindex-repository.ts';
import { reindexService } from '../../lib/search/reindex-service.ts';
import { tagRepository } from '../../lib/search/tag-repository.ts';
import type { Table } from '../../lib/table/client.ts';
import type { Measure } from '../support/calls.ts';
import { findingWorld } from '../support/finding-world.ts';

/** Measures lists, search and their indexing, in a company of their own. */
export async function measureFinding(measure: Measure, table: Table): Promise<void> {
  const world = findingWorld(table);
  const { companyId, lists, searches, indexer, source } = world;
  const fields = { name: 'Ada', tags: ['vip'], contacts: [{ email: 'ada@x.example' }] };
  const { id } = await world.create(fields);
  await measure('indexNewClient', () => indexer.update(companyId, id));
  await measure('indexRepeated', () => indexer.update(companyId, id));
  await world.clients.patch(world.principal, id, { industry: 'Design' }, undefined);
  await measure('indexChangedClient', () => indexer.update(companyId, id));
  // In a company of their own, so that the rebuild below has one client.
  const others = findingWorld(table);
  const two = [
    await others.create(fields),
    await others.create({ name: 'Bob', tags: ['vip'], contacts: [{ email: 'bob@x.example' }] }),
  ];
  await measure('indexTwoNewClients', () =>
    others.indexer.updateAll(two.map(({ id: client }) => ({ company: others.companyId, client }))),
  );

  const page = { descending: false, limit: 50, after: undefined };
  const live = { archived: false } as const;
  await measure('listClientsByName', () => lists.list(companyId, { ...page, sort: 'name', filters: live }));
  await measure('listClientsByCreation', () => lists.list(companyId, { ...page, sort: 'createdAt', filters: live }));
  await measure('listClientsByNumber', () => lists.list(companyId, { ...page, sort: 'number', filters: live }));
  await measure('listClientsByChange', () => lists.list(companyId, { ...page, sort: 'updatedAt', filters: live }));
  await measure('listClientsByBalance', () => lists.list(companyId, { ...page, sort: 'balance', filters: live }));
  const filters = { ...live, tag: 'vip', status: ['active'] } as const;
  await measure('listClientsFiltered', () => lists.list(companyId, { ...page, sort: 'name', filters }));
  const any = { archived: 'any' } as const;
  await measure('listClientsAny', () => lists.list(companyId, { ...page, sort: 'name', filters: any }));
  const search = (words: string[]) => searches.search(companyId, { ...page, words, filters: live });
  await measure('searchClients', () => search(['ada']));
  await measure('searchClientsByWords', () => search(['example', 'ada']));
  const find = clientFinder({ lists, search: searches, lookUp: clientLookUp(table) });
  const company = { companyId, timezone: 'UTC' };
  const lookUp = { archived: 'false', limit: 50 } as const;
  await measure('findClientByEmail', () => find(company, { ...lookUp, email: 'ada@x.example' }, undefined));
  await measure('findClientsByMetadata', () => find(company, { ...lookUp, metadata: { crm: '42' } }, undefined));
  const statuses = { ...live, status: ['inactive', 'fraud'] } as const;
  await measure('listClientsOfStatuses', () => lists.list(companyId, { ...page, sort: 'name', filters: statuses }));
  await measure('listClientTags', () => tagRepository(table).list(companyId, 50, undefined));

  const reindex = reindexService({ requests: reindexRepository(table), indexer, source });
  await measure('requestReindex', () => reindex.request(companyId));
  await measure('reindexStep', () => reindex.step(companyId));
}
