/**
 * The names that the deployed table and the code share. `infra` imports this file, so this file imports nothing.
 */

export const primaryKey = { partition: 'PK', sort: 'SK' } as const;

/** Epoch seconds after which DynamoDB removes an item. */
export const ttlAttribute = 'ttl';

/** All five indexes share their partition key: one list of clients, sorted in five orders. */
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
 * What the indexes project: the attributes that a list of clients answers with or filters by. The rest of a client is read
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
