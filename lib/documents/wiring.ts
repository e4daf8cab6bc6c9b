import { activityWrites } from '../activity/writes.ts';
import { lazyPresigner } from '../aws/presigned-requests.ts';
import { clientExistence } from '../clients/existence.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { documentRepository } from './repository.ts';
import { documentService } from './service.ts';

/** Documents of clients, whose bytes are in the bucket. */
export function documentServices({ table, source }: ServiceDeps, bucket: string) {
  return {
    documents: documentService({
      documents: documentRepository(table),
      isClient: clientExistence(table),
      presigner: lazyPresigner(bucket, source),
      activity: activityWrites(table.name),
      source,
    }),
  };
}
