import { clientExistence } from '../../clients/existence.ts';
import { clientIdPage } from '../../table/client-ids.ts';
import type { ServiceDeps } from '../../table/service-deps.ts';
import { creditRepository } from '../credits/repository.ts';
import { moneyDeps } from '../invoices/wiring.ts';
import { paymentRepository } from '../payments/repository.ts';
import { companyProver } from './company-proof.ts';
import { companyProofRepository } from './company-proof-repository.ts';
import { ledgerLister } from './list.ts';
import { ledgerProver } from './proof-service.ts';

/** The ledgers of clients, and their proof. */
export function ledgerServices(deps: ServiceDeps) {
  const money = moneyDeps(deps);
  return {
    ledger: money.ledger,
    listLedger: ledgerLister({ ledger: money.ledger, isClient: clientExistence(deps.table) }),
    prover: ledgerProver({
      ...money,
      payments: paymentRepository(deps.table),
      credits: creditRepository(deps.table),
    }),
  };
}

/** The proof of all ledgers of a company. `report` is told of each client whose ledger does not add up. */
export function companyProofServices(deps: ServiceDeps, report: Parameters<typeof companyProver>[0]['report']) {
  const { table, source } = deps;
  return companyProver({
    proofs: companyProofRepository(table),
    prove: ledgerServices(deps).prover.prove,
    clientIds: (company, page) => clientIdPage(table, company, page),
    report,
    source,
  });
}
