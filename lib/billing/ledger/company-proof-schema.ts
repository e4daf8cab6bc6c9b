import * as z from 'zod';
import { ClientId } from '../../shared/ids.ts';
import { Instant } from '../../shared/text.ts';
import type { Entity } from '../../table/entity.ts';

/** The progress of proving the ledgers of all clients of a company. Each version starts the next step. */
export const companyProofEntity = {
  name: 'ledger-proof',
  version: 1,
  schema: z.object({
    status: z.enum(['running', 'finished']),
    requestedAt: Instant,
    /** Clients whose ledgers were proved so far. */
    clients: z.int().nonnegative(),
    /** How many of them do not add up, and the first of these. */
    differing: z.int().nonnegative(),
    differingIds: z.array(ClientId),
    archived: z.boolean(),
    after: z.record(z.string(), z.string()).nullable(),
    finishedAt: Instant.nullable(),
    version: z.int().positive(),
  }),
} satisfies Entity;
export type CompanyProof = z.output<typeof companyProofEntity.schema>;
