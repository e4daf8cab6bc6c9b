import * as z from 'zod';
import { ledgerListQuery } from '../../lib/billing/ledger/list.ts';
import { LedgerEntry, LedgerProof } from '../../lib/billing/ledger/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ClientId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const clientParams = z.strictObject({ clientId: ClientId });
const reader = { role: 'viewer', module: 'clients' } as const;

/** The ledgers of clients. */
export const ledger = contract({
  listLedger: {
    method: 'GET',
    path: '/v1/clients/{clientId}/ledger',
    tag: 'Ledger',
    summary: 'List the ledger of a client',
    description:
      'Every invoice, payment, credit note, refund and reversal posts an entry in the transaction that causes it. Entries never change: a correction is another entry.',
    access: reader,
    params: clientParams,
    query: z.strictObject({ ...listQuery, ...ledgerListQuery }),
    reply: { status: 200, description: 'A page of entries.', schema: pageOf('LedgerPage', LedgerEntry) },
    problems: ['not-found', 'bad-cursor'],
  },
  proveLedger: {
    method: 'GET',
    path: '/v1/clients/{clientId}/ledger/proof',
    tag: 'Ledger',
    summary: 'Prove the ledger of a client',
    description:
      'Recalculates all balances from the entries, invoices, payments and credit notes, and names each figure that differs. It reads all of them, so it takes longer for a client with many.',
    access: reader,
    params: clientParams,
    reply: { status: 200, description: 'The proof.', schema: LedgerProof },
    problems: ['not-found', 'write-conflict'],
  },
});
