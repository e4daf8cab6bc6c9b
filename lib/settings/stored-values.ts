import { clientEntity, contactEntity } from '../clients/schema.ts';
import { ClientId, type CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { entityOf, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { getItems, queryAll, queryPage } from '../table/query.ts';
import type { StoredValues } from './custom-field-changes.ts';

/** The most clients that a change of a definition looks at. */
const MAX_LOOKED_AT = 1000;
/** Clients of one BatchGetItem. */
const BATCH = 100;
/** Clients whose contacts are read at once. */
const CONCURRENCY = 20;

/** Reads the custom values of a company's clients: live ones first, in the order of their creation. */
export function storedValues(table: Table) {
  async function someClients(company: CompanyId): Promise<{ ids: ClientId[]; isComplete: boolean }> {
    const page = async (archived: boolean, limit: number) => {
      const found = await queryPage(table, { range: ranges.clients(company, archived, 'clientsByCreation'), limit });
      return found.items.map(({ id }) => ClientId.parse(id));
    };
    const live = await page(false, MAX_LOOKED_AT + 1);
    const archived = live.length > MAX_LOOKED_AT ? [] : await page(true, MAX_LOOKED_AT + 1 - live.length);
    const ids = [...live, ...archived];
    return { ids: ids.slice(0, MAX_LOOKED_AT), isComplete: ids.length <= MAX_LOOKED_AT };
  }

  async function withoutContacts(company: CompanyId, ids: readonly ClientId[]): Promise<StoredValues['clients']> {
    const found = await getItems(
      table,
      ids.map((id) => keys.client(company, id)),
    );
    return found.flatMap((item) => (item ? [{ client: readItem(clientEntity, item).customFields, contacts: [] }] : []));
  }

  async function withContacts(company: CompanyId, ids: readonly ClientId[]): Promise<StoredValues['clients']> {
    return Promise.all(
      ids.map(async (id) => {
        const items = await queryAll(table, ranges.clientWithContacts(company, id));
        const client = items.find((item) => entityOf(item) === clientEntity.name);
        const contacts = items.filter((item) => entityOf(item) === contactEntity.name);
        return {
          client: client ? readItem(clientEntity, client).customFields : {},
          contacts: contacts.map((item) => readItem(contactEntity, item).customFields),
        };
      }),
    );
  }

  /**
   * The values of up to a thousand clients. Two Queries and a BatchGetItem for each hundred clients; with contacts a Query
   * for each client instead.
   */
  return async (company: CompanyId, needsContacts: boolean): Promise<StoredValues> => {
    const { ids, isComplete } = await someClients(company);
    const size = needsContacts ? CONCURRENCY : BATCH;
    const clients: StoredValues['clients'][number][] = [];
    for (let from = 0; from < ids.length; from += size) {
      const part = ids.slice(from, from + size);
      clients.push(...(await (needsContacts ? withContacts : withoutContacts)(company, part)));
    }
    return { clients, isComplete };
  };
}

export type ReadStoredValues = ReturnType<typeof storedValues>;
