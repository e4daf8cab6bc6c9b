import { objectStorage } from '../aws/object-storage.ts';
import { openS3 } from '../aws/s3.ts';
import { systemLog } from '../system-log/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { documentReceipt } from './receipt.ts';
import { documentRepository } from './repository.ts';

/** What happens to objects that arrive in the bucket. */
export function documentReceiptServices({ table, source }: ServiceDeps, bucket: string) {
  return {
    receive: documentReceipt({
      documents: documentRepository(table),
      storage: objectStorage(openS3(), bucket),
      log: systemLog(table),
      source,
    }),
  };
}
