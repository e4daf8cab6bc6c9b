import type { StoredClient } from '../../clients/schema.ts';
import { Problem } from '../../shared/errors.ts';
import { type ClientId, type CompanyId, CreditId, InvoiceId, PaymentId } from '../../shared/ids.ts';
import type { CreditRepository } from '../credits/repository.ts';
import type { InvoiceRepository } from '../invoices/repository.ts';
import type { PaymentRepository } from '../payments/repository.ts';
import { type Books, proveBooks } from './proof.ts';
import { accountOf, type LedgerRepository } from './repository.ts';
import { LockConflict } from './retry.ts';
import type { LedgerProof, LedgerReference, StoredEntry } from './schema.ts';

export interface ProofDeps {
  readonly ledger: LedgerRepository;
  readonly invoices: InvoiceRepository;
  readonly payments: PaymentRepository;
  readonly credits: CreditRepository;
  /** One call, strongly consistent. */
  readonly getClient: (company: CompanyId, id: ClientId) => Promise<StoredClient | undefined>;
  /** Runs it again while concurrent operations change the books. */
  readonly retry: <T>(run: () => Promise<T>) => Promise<T>;
}

/** The most records that one call reads. */
const BATCH_SIZE = 100;

/**
 * Proves ledgers. Every record of money has an entry, so the entries name all records. If the account is the same before and
 * after they were read, they were read at one moment.
 */
export function ledgerProver({ ledger, invoices, payments, credits, getClient, retry }: ProofDeps) {
  async function readBooks(company: CompanyId, client: StoredClient): Promise<Books> {
    const entries = await ledger.all(company, client.id);
    const [foundInvoices, foundPayments, foundCredits] = await Promise.all([
      inBatches(
        idsOf(entries, 'invoice').map((id) => InvoiceId.parse(id)),
        (ids) => invoices.invoices(company, ids),
      ),
      inBatches(
        idsOf(entries, 'payment').map((id) => PaymentId.parse(id)),
        (ids) => payments.payments(company, ids),
      ),
      inBatches(
        idsOf(entries, 'credit').map((id) => CreditId.parse(id)),
        (ids) => credits.credits(company, ids),
      ),
    ]);
    return {
      account: accountOf(client),
      entries,
      invoices: foundInvoices,
      payments: foundPayments.map((payment) => ({ ...payment, reversed: payment.status === 'reversed' })),
      credits: foundCredits.map((credit) => ({ ...credit, cancelled: credit.status === 'cancelled' })),
    };
  }

  return {
    /**
     * Recalculates all balances of a client from its entries and records. Two calls, one more for each hundred records and for
     * each MB of entries.
     * @throws Problem `not-found`, `write-conflict` if the books change for 20 seconds
     */
    prove(company: CompanyId, id: ClientId): Promise<LedgerProof> {
      return retry(async () => {
        const client = await getClient(company, id);
        if (!client) throw new Problem('not-found');
        const currencies = proveBooks(await readBooks(company, client));
        const holds = currencies.every(({ differences }) => differences.length === 0);
        // A concurrent operation makes figures differ that were read before and after it.
        if (!holds && (await getClient(company, id))?.accountVersion !== client.accountVersion)
          throw new LockConflict();
        return { holds, currencies: currencies.map((one) => ({ ...one, differences: [...one.differences] })) };
      });
    },
  };
}

function idsOf(entries: readonly StoredEntry[], type: LedgerReference['type']): string[] {
  return [...new Set(entries.flatMap(({ reference }) => (reference.type === type ? [reference.id] : [])))];
}

async function inBatches<Id, R>(
  ids: readonly Id[],
  read: (ids: readonly Id[]) => Promise<(R | undefined)[]>,
): Promise<R[]> {
  const found: R[] = [];
  for (let from = 0; from < ids.length; from += BATCH_SIZE)
    for (const record of await read(ids.slice(from, from + BATCH_SIZE))) if (record !== undefined) found.push(record);
  return found;
}
