import type { ServiceDeps } from '../table/service-deps.ts';
import { pricingRepository } from './repository.ts';
import { pricingService } from './service.ts';

/** Pricings, the catalogue of items and their prices. */
export function pricingServices({ table, source }: ServiceDeps) {
  const repository = pricingRepository(table);
  return { repository, pricings: pricingService(repository, source) };
}
