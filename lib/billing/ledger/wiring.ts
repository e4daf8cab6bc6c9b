import { clientExistence } from '../../clients/existence.ts';
import type { ServiceDeps } from '../../table/service-deps.ts';
import { creditRepository } from '../credits/repository.ts';
import { moneyDeps } from '../invoices/wiring.ts';
import { paymentRepository } from '../payments/repository.ts';
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
