import type { ServiceDeps } from '../table/service-deps.ts';
import { pricingRepository } from './repository.ts';
import { pricingService } from './service.ts';

/** The service for pricings, items and prices, and their repository. */
export function pricingServices({ table, source }: ServiceDeps) {
  const repository = pricingRepository(table);
  return { repository, pricings: pricingService(repository, source) };
}
