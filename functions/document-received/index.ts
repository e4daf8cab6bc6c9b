import * as z from 'zod';
import { env } from '../../lib/aws/env.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { receiptServices } from '../../lib/documents/receipt-wiring.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/client.ts';

const { receive } = receiptServices({ table: openTable(env('TABLE_NAME')), source: systemSource }, env('BUCKET_NAME'));

/** An "Object Created" event of the documents bucket, as EventBridge delivers it. */
const ObjectCreated = z.object({
  time: z.coerce.date(),
  detail: z.object({ object: z.object({ key: z.string(), 'version-id': z.string() }) }),
});

/**
 * Makes a document available once its bytes have arrived, and a picture the logo once it was checked; deletes objects that
 * nobody awaits.
 */
export const handler = queueConsumer({
  queueUrl: env('QUEUE_URL'),
  // The event contains the IP address of the uploader, so its body is not logged.
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
