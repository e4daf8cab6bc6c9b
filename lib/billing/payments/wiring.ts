import type { ServiceDeps } from '../../table/service-deps.ts';
import { moneyDeps } from '../invoices/wiring.ts';
import { paymentLister } from './list.ts';
import { paymentRepository } from './repository.ts';
import { paymentService } from './service.ts';

/** Payments, their refunds and reversals. */
export function paymentServices(deps: ServiceDeps) {
  return {
    payments: paymentService({ ...moneyDeps(deps), payments: paymentRepository(deps.table) }),
    listPayments: paymentLister(deps.table),
  };
}
