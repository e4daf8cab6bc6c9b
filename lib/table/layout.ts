/**
 * The names that the deployed table and the code share. `infra` imports this file, so this file imports nothing.
 */

export const primaryKey = { partition: 'PK', sort: 'SK' } as const;

/** Epoch seconds after which DynamoDB removes an item. */
export const ttlAttribute = 'ttl';

/** The indexes of clients share their partition key: one list of clients, sorted in five orders. */
const clientList = 'clientList';

/** The orders of the client list. */
export const clientIndexNames = [
  'clientsByName',
  'clientsByCreation',
  'clientsByNumber',
  'clientsByUpdate',
  'clientsByBalance',
] as const;

export type ClientIndex = (typeof clientIndexNames)[number];

/** The key attributes of each index. */
export const clientIndexes = {
  clientsByName: { partition: clientList, sort: 'nameOrder' },
  clientsByCreation: { partition: clientList, sort: 'creationOrder' },
  clientsByNumber: { partition: clientList, sort: 'numberOrder' },
  clientsByUpdate: { partition: clientList, sort: 'updateOrder' },
  clientsByBalance: { partition: clientList, sort: 'balanceOrder' },
} as const satisfies Record<ClientIndex, { partition: string; sort: string }>;

/**
 * The lists of all other records, such as invoices and payments. A record is in the list of its company, of its client, and
 * of its status; each list is sorted in four orders. A record without a due date is in three.
 */
export const recordIndexes = {
  companyRecordsByDate: { partition: 'companyRecords', sort: 'dateOrder' },
  companyRecordsByDueDate: { partition: 'companyRecords', sort: 'dueDateOrder' },
  companyRecordsByNumber: { partition: 'companyRecords', sort: 'numberOrder' },
  companyRecordsByAmount: { partition: 'companyRecords', sort: 'amountOrder' },
  clientRecordsByDate: { partition: 'clientRecords', sort: 'dateOrder' },
  clientRecordsByDueDate: { partition: 'clientRecords', sort: 'dueDateOrder' },
  clientRecordsByNumber: { partition: 'clientRecords', sort: 'numberOrder' },
  clientRecordsByAmount: { partition: 'clientRecords', sort: 'amountOrder' },
  statusRecordsByDate: { partition: 'statusRecords', sort: 'dateOrder' },
  statusRecordsByDueDate: { partition: 'statusRecords', sort: 'dueDateOrder' },
  statusRecordsByNumber: { partition: 'statusRecords', sort: 'numberOrder' },
  statusRecordsByAmount: { partition: 'statusRecords', sort: 'amountOrder' },
} as const;
export type RecordIndex = keyof typeof recordIndexes;

/** All indexes of the table with their key attributes. DynamoDB allows twenty. */
export const tableIndexes = { ...clientIndexes, ...recordIndexes } as const;
export type TableIndex = keyof typeof tableIndexes;
export const tableIndexNames = Object.keys(tableIndexes) as readonly TableIndex[];
export const recordIndexNames = Object.keys(recordIndexes) as readonly RecordIndex[];

/**
 * What the indexes of clients project: the attributes that a list of clients answers with or filters by. The rest of a client is read
 * from the table. DynamoDB allows a hundred projected attributes over all indexes of a table; these are 19 five times.
 */
export const projectedAttributes = [
  'entity',
  'schemaVersion',
  'id',
  'type',
  'number',
  'idNumber',
  'displayName',
  'status',
  'archivedAt',
  'groupId',
  'pricingId',
  'primaryContact',
  'balances',
  'tags',
  'createdAt',
  'updatedAt',
  'version',
  'facets',
  'hasBalance',
] as const;

/** Sort keys by which `functions/client-index` selects its stream records. */
export const clientIndexStreamKeys = { client: 'P#CLIENT', reindex: 'REINDEX' } as const;
