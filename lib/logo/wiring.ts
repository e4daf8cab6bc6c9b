import { lazyPresigner } from '../aws/presigned-requests.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { logoRepository } from './repository.ts';
import { logoService } from './service.ts';

/** The service for the logo of the company, whose bytes are in the bucket. */
export function logoServices({ table, source }: ServiceDeps, bucket: string) {
  return { logo: logoService({ logos: logoRepository(table), presigner: lazyPresigner(bucket, source), source }) };
}
