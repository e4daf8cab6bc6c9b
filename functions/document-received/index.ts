import * as z from 'zod';
import { env } from '../../lib/aws/env.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { documentReceiptServices } from '../../lib/documents/wiring.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';

const { receive } = documentReceiptServices(
  { table: openTable(env('TABLE_NAME')), source: systemSource },
  env('BUCKET_NAME'),
);

/** "Object Created" of the documents bucket, as EventBridge hands it on. */
const ObjectCreated = z.object({
  time: z.coerce.date(),
  detail: z.object({ object: z.object({ key: z.string(), 'version-id': z.string() }) }),
});

/** Makes a document available once its bytes are there; removes what nobody announced. */
export const handler = queueConsumer({
  queueUrl: env('QUEUE_URL'),
  // An event has the address of whoever sent the bytes, and the key of an object that may be nobody's.
  foreign: true,
  async step(event) {
    const {
      time: at,
      detail: { object },
    } = ObjectCreated.parse(event);
    await receive({ key: object.key, versionId: object['version-id'], at });
    return undefined;
  },
});
