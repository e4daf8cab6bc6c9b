import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable } from '../../infra/local/dynamodb/tables.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { clientService } from '../../lib/clients/service.ts';
import { callersCompany, callingApiToken, callingUser } from '../../lib/credentials/schema.ts';
import { hashSecret, mintSecret, writeApiToken } from '../../lib/credentials/tokens.ts';
import { clientNumbers } from '../../lib/numbers/repository.ts';
import { numberingEntity } from '../../lib/numbers/schema.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { type ClientListRepository, clientListRepository } from '../../lib/search/list-repository.ts';
import { type ClientSearchRepository, clientSearchRepository } from '../../lib/search/search-repository.ts';
import { ApiTokenId, CompanyId, mintId, UserId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable, type Table } from '../../lib/table/client.ts';
import { asItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { committing } from '../../lib/table/transaction.ts';
import { type Call, recordCalls } from '../support/calls.ts';
import { newAccountsOf } from '../support/new-accounts.ts';
import { batchWrite, benchPrincipal, generateClients } from './generate.ts';

/** A table with one company on it, and the clients feature on top of it. */
export interface BenchTable {
  table: Table;
  principal: Principal;
  /** An API token that may do all that the measured requests do. */
  bearer: string;
  calls: Call[];
  clients: ReturnType<typeof clientService>;
  lists: ClientListRepository;
  search: ClientSearchRepository;
  indexer: ReturnType<typeof clientIndexer>;
}

const source = systemSource;

/** Creates a table as the template describes it, for one company with so many clients. */
export async function openBenchTable(assembly: string, endpoint: string, clients = 0): Promise<BenchTable> {
  const name = `Bench-${randomBytes(6).toString('hex')}`;
  await createTable(endpoint, tableOf(assembly), name);
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  const calls = recordCalls(client);
  const table = openTable(name, { client });
  const company = mintId(CompanyId, 'co', source);
  const numbering = asItem(numberingEntity, { pattern: 'N{counter:6}', next: 1, reset: 'never', period: '-' });
  const tokenId = mintId(ApiTokenId, 'tok', source);
  const secret = mintSecret(source);
  const maker = { ...MAKER, id: mintId(UserId, 'usr', source) };
  await batchWrite(endpoint, name, [
    { ...numbering, ...keys.numbering(company, 'client') },
    { ...callersItem(), ...keys.company(company) },
    { ...tokenItem(tokenId, maker.id, secret), ...keys.apiToken(company, tokenId) },
    { ...asItem(callingUser, maker), ...keys.user(company, maker.id) },
  ]);
  await generateClients({ table, endpoint, company }, clients);
  return {
    table,
    principal: benchPrincipal(company),
    bearer: writeApiToken({ companyId: company, userId: maker.id, id: tokenId }, secret),
    calls,
    clients: clientService({
      clients: clientRepository(table),
      nextNumber: clientNumbers(table, source).next,
      customFieldFaults: async () => [],
      accounts: newAccountsOf(table, source),
      commit: committing(table),
      source,
    }),
    lists: clientListRepository(table),
    search: clientSearchRepository(table),
    indexer: clientIndexer(table, source),
  };
}

/** The table of the template, without its stream, which nothing reads here. */
function tableOf(assembly: string) {
  const template = JSON.parse(readFileSync(join(assembly, 'Clientele.template.json'), 'utf8'));
  const resources: { Type: string; Properties: object }[] = Object.values(template.Resources);
  const table = resources.find(({ Type }) => Type === 'AWS::DynamoDB::Table');
  if (!table) throw new Error('the template has no table');
  return { ...table, Properties: { ...table.Properties, StreamSpecification: null } };
}

function callersItem() {
  return asItem(callersCompany, {
    timezone: 'UTC',
    country: null,
    clientsModule: { status: 'active', minimumRole: 'viewer', requiredFields: [], version: 1 },
  });
}

const MAKER = {
  name: 'Olive',
  role: 'owner',
  status: 'active',
  credentialGeneration: 0,
  apiTokenGeneration: 0,
} as const;

/** A token that was used today already, so that its requests write nothing for that. */
function tokenItem(id: ApiTokenId, createdBy: UserId, secret: string) {
  const lastUsedOn = source.now().toISOString().slice(0, 10);
  const secretHash = hashSecret(secret);
  return asItem(callingApiToken, {
    id,
    name: 'Bench',
    role: 'owner',
    secretHash,
    expiresAt: null,
    lastUsedOn,
    createdBy,
    generation: MAKER.apiTokenGeneration,
  });
}
