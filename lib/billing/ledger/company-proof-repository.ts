import type { CompanyId } from '../../shared/ids.ts';
import type { Table } from '../../table/client.ts';
import { asItem, readItemIfAny } from '../../table/entity.ts';
import { keys } from '../../table/keys.ts';
import { getItem } from '../../table/query.ts';
import { transact, writes } from '../../table/transaction.ts';
import { type CompanyProof, companyProofEntity } from './company-proof-schema.ts';

const LOCK_CONFLICT = new Error('another step was faster');

/** Requests to prove all ledgers of companies, with their progress. */
export function companyProofRepository(table: Table) {
  const on = writes(table.name);
  return {
    /** One call, strongly consistent. */
    async read(company: CompanyId): Promise<CompanyProof | undefined> {
      return readItemIfAny(companyProofEntity, await getItem(table, keys.ledgerProof(company), true));
    },

    /** Stores the progress if nobody else has stored any since version `seen`. Otherwise it is left as it is. One call. */
    async save(company: CompanyId, proof: CompanyProof, seen: number | undefined): Promise<void> {
      const [key, item] = [keys.ledgerProof(company), asItem(companyProofEntity, proof)];
      const write =
        seen === undefined
          ? on.create(key, item, () => LOCK_CONFLICT)
          : on.replace(key, item, seen, () => LOCK_CONFLICT);
      await transact(table, [write]).catch((error: unknown) => {
        if (error !== LOCK_CONFLICT) throw error;
      });
    },
  };
}

export type CompanyProofRepository = ReturnType<typeof companyProofRepository>;
