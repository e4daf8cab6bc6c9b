/** Fills a company with clients: `node test/bench/generate.ts --table T --endpoint URL --company co_… --clients 100000`. */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { callDynamoDb } from '../../infra/local/dynamodb/client.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput, clientEntity, contactEntity } from '../../lib/clients/schema.ts';
import { clientService } from '../../lib/clients/service.ts';
import { indexItems } from '../../lib/search/index-items.ts';
import { clientIndexEntity } from '../../lib/search/schema.ts';
import { ApiTokenId, CompanyId, mintId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { type Item, openTable, type Table } from '../../lib/table/client.ts';
import { asItem, readItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import type { Commit } from '../../lib/table/transaction.ts';
import { newAccountsOf } from '../support/new-accounts.ts';

const source = systemSource;
const CITIES = ['Bonn', 'Lyon', 'Leeds', 'Porto', 'Gdańsk', 'Turin', 'Graz', 'Malmö'];
const COUNTRIES = ['DE', 'FR', 'GB', 'PT', 'PL', 'IT', 'AT', 'SE'];

/** Who creates the clients of a benchmark. */
export function benchPrincipal(companyId: CompanyId): Principal {
  return {
    kind: 'token',
    companyId,
    id: mintId(ApiTokenId, 'tok', source),
    name: 'A token',
    role: 'owner',
    timezone: 'UTC',
    country: null,
    customFieldsDefined: false,
    activityDays: null,
    mayMailOthers: true,
    clientsModule: { status: 'active', minimumRole: 'viewer', requiredFields: [] },
  };
}

/** A client like any other: a name that sorts anywhere, a contact, a city among a few. */
export function sampleClient(word: string = randomBytes(5).toString('hex')): ClientInput {
  const [random = 0] = randomBytes(1);
  return ClientInput.parse({
    name: `${word} Client`,
    billingAddress: { city: CITIES[random % CITIES.length], country: COUNTRIES[random % COUNTRIES.length] },
    contacts: [{ firstName: 'Ada', lastName: `L${word}`, email: `ada@${word}.example` }],
  });
}

/**
 * Puts clients into the table with all that a creation and the stream write for them: made by the same code, but written
 * in batches. Their numbers stay clear of those that the counter gives. Counts of groups are left as they are.
 */
export async function generateClients(
  { table, endpoint, company }: { table: Table; endpoint: string; company: CompanyId },
  clients: number,
): Promise<void> {
  let items: Item[] = [];
  let made = 0;
  /** Keeps the items of a transaction instead of writing them. */
  const collect: Commit<unknown> = async (writes) => {
    for (const { write } of writes) if (write.Put?.Item) items.push(write.Put.Item);
  };
  const collector = clientService({
    clients: clientRepository(table),
    nextNumber: async () => ({ number: `F${made}`, skip: async () => undefined }),
    customFieldFaults: async () => [],
    accounts: newAccountsOf(table, source),
    commit: collect,
    source,
  });
  const principal = benchPrincipal(company);
  let writing: Promise<void> = Promise.resolve();
  while (made < clients) {
    const written: Item[] = [];
    for (; made < clients && written.length < 400; made++) {
      items = [];
      await collector.create(principal, sampleClient(), collect);
      written.push(...items, ...searchItems(company, items));
    }
    await writing;
    writing = batchWrite(endpoint, table.name, written);
  }
  await writing;
}

/** What the stream would write for a client that was just made. */
function searchItems(company: CompanyId, created: readonly Item[]): Item[] {
  const client = created.find(({ entity }) => entity === clientEntity.name);
  if (!client) throw new Error('nothing was created');
  const stored = readItem(clientEntity, client);
  const contacts = created.filter(({ entity }) => entity === contactEntity.name);
  const { items, state } = indexItems(
    company,
    stored,
    contacts.map((item) => readItem(contactEntity, item)),
  );
  return [
    ...items,
    { ...asItem(clientIndexEntity, { ...state, version: 1 }), ...keys.clientIndex(company, stored.id) },
  ];
}

const ITEMS_AT_ONCE = 25;

/** Puts items, 25 a call. */
export async function batchWrite(endpoint: string, table: string, items: readonly Item[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / ITEMS_AT_ONCE) }, (_, index) =>
    items.slice(index * ITEMS_AT_ONCE, (index + 1) * ITEMS_AT_ONCE),
  );
  await Promise.all(
    batches.map((batch) => {
      const requests = batch.map((item) => ({ PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) } }));
      const body = JSON.parse(JSON.stringify({ RequestItems: { [table]: requests } }));
      return callDynamoDb(endpoint, 'DynamoDB_20120810.BatchWriteItem', body);
    }),
  );
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      table: { type: 'string', default: 'Clientele' },
      endpoint: { type: 'string', default: 'http://127.0.0.1:8000' },
      company: { type: 'string', default: '' },
      clients: { type: 'string', default: '1000' },
    },
  });
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint: values.endpoint, region: 'eu-west-1', credentials });
  const company = CompanyId.parse(values.company);
  await generateClients(
    { table: openTable(values.table, { client }), endpoint: values.endpoint, company },
    Number(values.clients),
  );
}
