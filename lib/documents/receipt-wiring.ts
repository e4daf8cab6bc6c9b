import { objectStorage } from '../aws/object-storage.ts';
import { openS3 } from '../aws/s3.ts';
import { LOGO_PREFIX } from '../logo/object-key.ts';
import { logoReceipt } from '../logo/receipt.ts';
import { logoRepository } from '../logo/repository.ts';
import { systemLog } from '../system-log/repository.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { type Arrival, documentReceipt } from './receipt.ts';
import { documentRepository } from './repository.ts';

/** What happens to objects that arrive in the bucket. */
export function receiptServices({ table, source }: ServiceDeps, bucket: string) {
  const shared = { storage: objectStorage(openS3(), bucket), log: systemLog(table), source };
  const receiveDocument = documentReceipt({ documents: documentRepository(table), ...shared });
  const receiveLogo = logoReceipt({ logos: logoRepository(table), ...shared });
  return {
    receive: (arrival: Arrival) =>
      arrival.key.startsWith(LOGO_PREFIX) ? receiveLogo(arrival) : receiveDocument(arrival),
  };
}
