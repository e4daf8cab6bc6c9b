import { SQSClient } from '@aws-sdk/client-sqs';

/** Who asks SQS. */
export type QueueClient = SQSClient;

/** A client with the environment's credentials and region. */
export function openQueues(): QueueClient {
  return new SQSClient({ maxAttempts: 4, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 } });
}
