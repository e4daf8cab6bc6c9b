import * as z from 'zod';
import type { Entity } from '../../table/entity.ts';

const count = z.int().nonnegative().default(0);

/** How many records of each kind a client has. */
export const recordCountsEntity = {
  name: 'record-counts',
  version: 1,
  schema: z.object({ invoices: count, payments: count, credits: count }),
} satisfies Entity;
export type RecordCounts = z.output<typeof recordCountsEntity.schema>;
