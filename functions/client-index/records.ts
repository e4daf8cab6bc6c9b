import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { logger } from '../../lib/aws/logger.ts';
import type { ClientIndexer } from '../../lib/search/index-repository.ts';
import type { ReindexService } from '../../lib/search/reindex-service.ts';
import { changedRecord } from '../../lib/table/keys.ts';

interface ConsumerDeps {
  indexer: Pick<ClientIndexer, 'updateAll'>;
  reindex: Pick<ReindexService, 'step'>;
}

type Changed = NonNullable<ReturnType<typeof changedRecord>>;

/**
 * Reads the table's stream: indexes the changed clients together, then makes a step of each rebuild. Lambda retries from the
 * first record that failed.
 */
export function recordConsumer({ indexer, reindex }: ConsumerDeps) {
  async function update(changes: Iterable<Changed>): Promise<ReadonlyMap<Changed, unknown>> {
    const failures = new Map<Changed, unknown>();
    const clients = [...changes].filter((changed) => changed.kind === 'client');
    const ofClients = await indexer.updateAll(clients);
    for (const changed of clients)
      if (ofClients.has(changed.client)) failures.set(changed, ofClients.get(changed.client));
    for (const changed of changes)
      if (changed.kind === 'reindex')
        await reindex.step(changed.company).catch((error: unknown) => failures.set(changed, error));
    return failures;
  }

  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const changes = new Map<string, Changed>();
    for (const record of Records) {
      const key = keyOf(record);
      const changed = changedRecord(key);
      // An update reads the record as it is now, so one is enough for all its changes in a batch.
      if (changed) changes.set(nameOf(key), changed);
    }
    const failures = await update([...changes.values()]);
    for (const [changed, error] of failures) {
      // Only name and message: the other fields of a DynamoDB error may contain personal data.
      const { name, message } = Object(error);
      logger.error('index update failed', { ...changed, reason: `${name}: ${message}` });
    }
    const first = Records.find((record) => {
      const changed = changes.get(nameOf(keyOf(record)));
      return changed && failures.has(changed);
    });
    return { batchItemFailures: first ? [{ itemIdentifier: first.dynamodb?.SequenceNumber ?? '' }] : [] };
  };
}

function keyOf({ dynamodb }: DynamoDBRecord): Parameters<typeof changedRecord>[0] {
  return { PK: dynamodb?.Keys?.PK?.S ?? '', SK: dynamodb?.Keys?.SK?.S ?? '' };
}

function nameOf({ PK, SK }: ReturnType<typeof keyOf>): string {
  return `${PK} ${SK}`;
}
