import type { ServiceDeps } from '../../table/service-deps.ts';
import { moneyDeps } from '../invoices/wiring.ts';
import { creditLister } from './list.ts';
import { creditRepository } from './repository.ts';
import { creditService } from './service.ts';

/** Credit notes, and the credit of clients. */
export function creditServices(deps: ServiceDeps) {
  const money = moneyDeps(deps);
  const credits = creditRepository(deps.table);
  return {
    credits: creditService({ ...money, credits }),
    listCredits: creditLister({ table: deps.table, credits, numbers: money.numbers }),
  };
}
