import * as z from 'zod';
import { ClientType, ListedClient } from '../clients/schema.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

/** A tag of clients. */
export const ListedTag = z
  .object({
    tag: z
      .string()
      .describe('The tag in its first spelling: tags that differ in case only are one tag.')
      .meta({ examples: ['studio'] }),
    clients: z
      .int()
      .describe('The number of clients that have the tag and are not archived.')
      .meta({ examples: [12] }),
  })
  .meta({ id: 'ListedTag' });
export type ListedTag = z.output<typeof ListedTag>;

/** The attributes that a list answers with, and those that its filters compare. */
const row = ListedClient.extend({
  /** Every facet that the client has, by `facetName`. */
  facets: z.array(z.string()),
  hasBalance: z.boolean(),
  type: ClientType,
});

/** The attributes of a row that a list answers with. */
export const listedAttributes = ['entity', 'schemaVersion', ...Object.keys(ListedClient.shape)];

/** A row of the list as it is stored. It is parsed once: when it goes out. */
export const ClientListRow = z.unknown().pipe(ListedClient);

/** A client under one of its facets: in the same five orders as the client itself. */
export const clientRowEntity = { name: 'client-row', version: 1, schema: row } satisfies Entity;
export type ClientRow = z.output<typeof row>;

/** A client under one of its words. */
export const postingEntity = {
  name: 'posting',
  version: 1,
  schema: row.extend({
    /** All words and exact terms of the client, each between spaces: what a query has besides is compared with it. */
    words: z.string(),
    /**
     * Length of the prefix that the word shares with the client's word before it, in alphabetical order. A search for a
     * prefix of at most this length finds the client by the word before, and leaves this posting out.
     */
    sharedPrefixLength: z.int().nonnegative(),
  }),
} satisfies Entity;

/** Names every row and posting that a client may have in the table, and is the lease of the run that may write them. */
export const clientIndexEntity = {
  name: 'client-index',
  version: 1,
  schema: z.object({
    /** The version of the client from which all rows and postings were made; 0 if some may be from another version. */
    clientVersion: z.int().nonnegative(),
    /** The same for its balances. */
    accountVersion: z.int().nonnegative().default(0),
    facets: z.array(z.string()),
    /** What the client is counted under, by `countName`. */
    counted: z.array(z.string()),
    /** By `postingName`. */
    words: z.array(z.string()),
    /** Optimistic lock against concurrent runs. */
    version: z.int().positive(),
    /** Epoch milliseconds until which only the run that wrote this version may write rows and postings. */
    leasedUntil: z.int().optional(),
    /** Epoch seconds, set when the client is deleted. Until then the empty item prevents late runs from restoring rows. */
    ttl: z.int().optional(),
  }),
} satisfies Entity;
export type ClientIndexItem = z.output<typeof clientIndexEntity.schema>;

/** One shard of the number of clients of a group or a tag. It can be negative: only the sum over all shards counts. */
export const clientCountEntity = {
  name: 'client-count',
  version: 1,
  schema: z.object({
    clients: z.int(),
    /** The tag as it was first spelt when this shard was written, and when that was. */
    label: z.string().optional(),
    labelledAt: z.string().optional(),
  }),
} satisfies Entity;

/** The progress of rebuilding the rows and postings of a company. */
export const reindexEntity = {
  name: 'reindex',
  version: 1,
  schema: z.object({
    requestedAt: Instant,
    /** Clients indexed so far. */
    clients: z.int(),
    archived: z.boolean(),
    after: z.record(z.string(), z.string()).nullable(),
    finishedAt: Instant.nullable(),
    version: z.int().positive(),
  }),
} satisfies Entity;
export type Reindex = z.output<typeof reindexEntity.schema>;
