import * as z from 'zod';
import { documentReceipt } from '../../lib/documents/receipt.ts';
import { documentRepository } from '../../lib/documents/repository.ts';
import { documentStorage } from '../../lib/documents/storage.ts';
import { env } from '../../lib/platform/env.ts';
import { logger } from '../../lib/platform/logger.ts';
import { bucketLocations } from '../../lib/platform/s3.ts';
import { systemSource } from '../../lib/platform/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { systemLog } from '../../lib/traces/system-log.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const receive = documentReceipt({
  documents: documentRepository(table),
  storage: documentStorage(bucketLocations(env('BUCKET_NAME'), source)),
  log: systemLog(table),
  source,
});

/** "Object Created" of the documents bucket, as EventBridge hands it on. */
const ObjectCreated = z.object({
  time: z.coerce.date(),
  detail: z.object({ object: z.object({ key: z.string(), 'version-id': z.string() }) }),
});

/** Makes a document available once its bytes are there; removes what nobody announced. */
export async function handler(event: unknown): Promise<void> {
  const {
    time: at,
    detail: {
      object: { key, 'version-id': versionId },
    },
  } = ObjectCreated.parse(event);
  try {
    await receive({ key, versionId, at });
  } catch (error) {
    const { name, message } = Object(error);
    // The key is made of ids; a foreign one is nothing of ours to name.
    logger.error('an object was not received', { versionId, reason: `${name}: ${message}` });
    throw error;
  }
}
