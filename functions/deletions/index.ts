import { env } from '../../lib/aws/env.ts';
import { objectStorage } from '../../lib/aws/object-storage.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { openS3 } from '../../lib/aws/s3.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/client.ts';
import { deletions } from './deletions.ts';

/**
 * Finishes deletions in the background: moves the clients of a deleted group to General, and removes the prices of a
 * deleted pricing or item and the objects of a deleted or expired document or an earlier logo. A step that has to wait for the index
 * throws, so that it is retried; after the last retry its message goes to the dead-letter queue.
 */
export const handler = queueConsumer({
  queueUrl: env('QUEUE_URL'),
  step: deletions(openTable(env('TABLE_NAME')), systemSource, objectStorage(openS3(), env('BUCKET_NAME'))),
});
