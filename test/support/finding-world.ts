import { isDeepStrictEqual } from 'node:util';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput, ListedClient } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { indexItems } from '../../lib/search/index-items.ts';
import { type ClientIndexer, clientIndexer } from '../../lib/search/index-repository.ts';
import { type ClientPage, clientListRepository, type ListRequest } from '../../lib/search/list-repository.ts';
import { clientSearchRepository } from '../../lib/search/search-repository.ts';
import { customFieldChecks } from '../../lib/settings/custom-field-checks.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { ApiTokenId, type ClientId, type CompanyId, mintId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import { wordsOfQuery } from '../../lib/shared/words.ts';
import type { Item, Table } from '../../lib/table/client.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { newAccountsOf } from './new-accounts.ts';
import { newCompanyId, testSource } from './table.ts';

/** The clients of a page. */
export const listed = ({ rows }: ClientPage): ListedClient[] => rows.map((row) => ListedClient.parse(row));

/**
 * A company whose clients can be created and found. `indexed` creates a client and indexes it, as the stream's worker
 * would.
 */
export function findingWorld(table: Table) {
  const source = testSource();
  const companyId = newCompanyId(source);
  const repository = clientRepository(table);
  const lists = clientListRepository(table);
  const searches = clientSearchRepository(table);
  const indexer = clientIndexer(table, source);
  const principal: Principal = {
    kind: 'token',
    id: mintId(ApiTokenId, 'tok', source),
    name: 'A token',
    companyId,
    role: 'editor',
    timezone: 'UTC',
    country: null,
    customFieldsDefined: false,
    activityDays: null,
    mayMailOthers: true,
    clientsModule: { status: 'active', minimumRole: 'viewer', requiredFields: [] },
  };
  let drawn = 0;
  const nextNumber = async () => ({ number: `C${++drawn}`, skip: async () => undefined });
  const clients = clientService({
    clients: repository,
    nextNumber,
    customFieldFaults: customFieldChecks(settingsRepository(table)).ofClient,
    accounts: newAccountsOf(table, source),
    commit: committing(table),
    source,
  });

  async function create(fields: Record<string, unknown>) {
    source.at = new Date(source.at.getTime() + 1000);
    return clients.create(principal, ClientInput.parse(fields), committing(table));
  }

  async function indexed(fields: Record<string, unknown>) {
    const client = await create(fields);
    await indexer.update(companyId, client.id);
    return client;
  }

  /** Reads all pages of a list or search. Returns the names in order and the sizes of the pages. */
  async function walk(request: Partial<ListRequest> & { q?: string }) {
    const names: string[] = [];
    const sizes: number[] = [];
    let after: ListRequest['after'];
    do {
      const whole = { ...everything, ...request, after };
      const page =
        request.q === undefined
          ? await lists.list(companyId, whole)
          : await searches.search(companyId, { ...whole, words: wordsOfQuery(request.q) });
      names.push(...listed(page).map(({ displayName }) => displayName));
      sizes.push(page.rows.length);
      after = page.next;
    } while (after && sizes.length < 500);
    return { names, sizes };
  }

  return { source, companyId, principal, repository, lists, searches, indexer, clients, create, indexed, walk };
}

export type FindingWorld = ReturnType<typeof findingWorld>;

const everything: ListRequest = {
  sort: 'name',
  descending: false,
  filters: { archived: false },
  limit: 50,
  after: undefined,
};

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

/** Compares the stored rows and postings of a company with those that its clients should have. */
export async function differences(table: Table, company: CompanyId, ids: readonly ClientId[]): Promise<string[]> {
  const repository = clientRepository(table);
  const rows = await Promise.all(ids.map((id) => queryAll(table, { partition: `${company}#${id}`, prefix: 'F#' })));
  const postings = await Promise.all(LETTERS.map((letter) => queryAll(table, ranges.postings(company, letter))));
  const profiles = await Promise.all(ids.map((id) => repository.profile(company, id)));
  const expected = byKey(
    profiles.flatMap((profile) => (profile ? indexItems(company, profile.client, profile.contacts).items : [])),
  );
  const stored = byKey([...rows, ...postings].flat());
  return [
    ...[...expected].filter(([key]) => !stored.has(key)).map(([key]) => `missing ${key}`),
    ...[...stored].filter(([key]) => !expected.has(key)).map(([key]) => `unexpected ${key}`),
    ...[...stored]
      .filter(([key, item]) => expected.has(key) && !isDeepStrictEqual(item, expected.get(key)))
      .map(([key]) => `different ${key}`),
  ];
}

function byKey(items: readonly Item[]): Map<string, Item> {
  return new Map(items.map((item) => [`${item.PK} ${item.SK}`, item]));
}

/** Runs every update of `indexer` as the stream would: any number of times. */
export async function settle(indexer: ClientIndexer, company: CompanyId, ids: Iterable<ClientId>): Promise<void> {
  for (const id of ids) await indexer.update(company, id);
}
