import { env } from '../../lib/aws/env.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { bucketLocations } from '../../lib/aws/s3.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { deletions } from './deletions.ts';

/**
 * Finishes deletions in the background: moves the clients of a group, removes the prices of a pricing or an item, and what
 * the storage has of a document that was deleted or never came. That a step
 * has to wait for the index is no fault: it is tried again, and set aside in the end.
 */
export const handler = queueConsumer({
  queueUrl: env('QUEUE_URL'),
  step: deletions(openTable(env('TABLE_NAME')), systemSource, bucketLocations(env('BUCKET_NAME'), systemSource)),
});
