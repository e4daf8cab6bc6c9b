import { activityWrites } from '../activity/writes.ts';
import type { Presigner } from '../aws/s3.ts';
import { clientExistence } from '../clients/existence.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { documentRepository } from './repository.ts';
import { documentService } from './service.ts';

/** Documents of clients, whose bytes are in the bucket. */
export function documentServices({ table, source }: ServiceDeps, bucket: string) {
  let loading: Promise<Presigner> | undefined;
  // Loaded by the first request that needs a URL: the S3 client would slow down the cold start of all other routes.
  const presigner = () => {
    loading ??= import('../aws/s3.ts').then((s3) => s3.presigner(bucket, source));
    return loading;
  };
  return {
    documents: documentService({
      documents: documentRepository(table),
      isClient: clientExistence(table),
      presigner,
      activity: activityWrites(table.name),
      source,
    }),
  };
}
