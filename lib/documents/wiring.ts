import { activityWrites } from '../activity/writes.ts';
import { bucketLocations } from '../aws/s3.ts';
import { clientExistence } from '../clients/existence.ts';
import { systemLog } from '../system-log/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { documentReceipt } from './receipt.ts';
import { documentRepository } from './repository.ts';
import { documentService } from './service.ts';
import { documentStorage } from './storage.ts';

/** Documents of clients, whose bytes are in the bucket. */
export function documentServices({ table, source }: ServiceDeps, bucket: string) {
  return {
    documents: documentService({
      documents: documentRepository(table),
      isClient: clientExistence(table),
      locate: bucketLocations(bucket, source),
      activity: activityWrites(table.name),
      source,
    }),
  };
}

/** What happens to objects that arrive in the bucket. */
export function documentReceiptServices({ table, source }: ServiceDeps, bucket: string) {
  return {
    receive: documentReceipt({
      documents: documentRepository(table),
      storage: documentStorage(bucketLocations(bucket, source)),
      log: systemLog(table),
      source,
    }),
  };
}
