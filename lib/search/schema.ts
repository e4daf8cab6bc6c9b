import * as z from 'zod';
import { ListedClient } from '../clients/schema.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

/** What every row of a client shows in lists, and what further filters look at. */
const row = ListedClient.extend({
  /** Every facet that the client has, by `facetName`. */
  facets: z.array(z.string()),
  hasBalance: z.boolean(),
});

/** A client under one of its facets: in the same five orders as the client itself. */
export const clientRowEntity = { name: 'client-row', version: 1, schema: row } satisfies Entity<z.ZodType>;
export type ClientRow = z.output<typeof row>;

/** A client under one of its words. */
export const postingEntity = {
  name: 'posting',
  version: 1,
  schema: row.extend({
    /** All words of the client, each after a space: what further words of a query are looked for in. */
    words: z.string(),
    /**
     * Letters that the word has in common with the one that comes before it among the client's words, in order. Under a
     * shorter beginning that one stands for the client already.
     */
    shared: z.int().nonnegative(),
  }),
} satisfies Entity<z.ZodType>;

/** What rows and postings of a client may be there: none is without being named here. */
export const clientIndexEntity = {
  name: 'client-index',
  version: 1,
  schema: z.object({
    /** The version of the client that all rows and postings show; 0 while some may still show another. */
    clientVersion: z.int().nonnegative(),
    facets: z.array(z.string()),
    /** The facets that the client is counted under. */
    counted: z.array(z.string()),
    words: z.array(z.object({ word: z.string(), rank: z.int() })),
    /** What guards concurrent runs: one higher with every write. */
    version: z.int().positive(),
    /** Once the client is gone: nothing personal is left, and late runs for it still come to nothing. Epoch seconds. */
    ttl: z.int().optional(),
  }),
} satisfies Entity<z.ZodType>;
export type ClientIndexItem = z.output<typeof clientIndexEntity.schema>;

/** How many clients a facet has. */
export const clientCountEntity = {
  name: 'client-count',
  version: 1,
  schema: z.object({ clients: z.int() }),
} satisfies Entity<z.ZodType>;

/** How far rebuilding the rows and postings of a company is. */
export const reindexEntity = {
  name: 'reindex',
  version: 1,
  schema: z.object({
    /** Tells one request from another. */
    requestedAt: Instant,
    /** Clients done. */
    clients: z.int(),
    archived: z.boolean(),
    after: z.record(z.string(), z.string()).nullable(),
    finishedAt: Instant.nullable(),
    version: z.int().positive(),
  }),
} satisfies Entity<z.ZodType>;
export type Reindex = z.output<typeof reindexEntity.schema>;
