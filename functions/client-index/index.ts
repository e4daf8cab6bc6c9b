import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { reindexRepository } from '../../lib/search/reindex-repository.ts';
import { reindexService } from '../../lib/search/reindex-service.ts';
import { CompanyId } from '../../lib/shared/ids.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/client.ts';
import { changedRecord } from '../../lib/table/keys.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const indexer = clientIndexer(table, source);
const reindex = reindexService({ requests: reindexRepository(table), indexer, source });
const processor = new BatchProcessor(EventType.DynamoDBStreams);

/** The events with which an operator invokes the function: start a rebuild, or read its progress. */
const Command = z.union([
  z.strictObject({ rebuild: z.union([CompanyId, z.literal('all')]) }),
  z.strictObject({ progress: CompanyId }),
]);

/** Updates the client index after changes in the table, and rebuilds it on an operator's command. */
export async function handler(
  event: DynamoDBStreamEvent | z.input<typeof Command>,
  context: Context,
): Promise<unknown> {
  return 'Records' in event ? processRecords(event, context) : runCommand(event);
}

async function processRecords(event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> {
  const updates = new Map<string, Promise<void>>();
  const updateOnce = (record: DynamoDBRecord): Promise<void> => {
    const { PK, SK } = record.dynamodb?.Keys ?? {};
    const key = `${PK?.S} ${SK?.S}`;
    // An update reads the client as it is now, so one is enough for all of its records in a batch.
    const running = updates.get(key) ?? update({ PK: PK?.S ?? '', SK: SK?.S ?? '' });
    updates.set(key, running);
    return running;
  };
  // One after the other, because updates of different clients conflict on shared counts.
  return processPartialResponse(event, updateOnce, processor, { context, processInParallel: false });
}

async function update(key: Parameters<typeof changedRecord>[0]): Promise<void> {
  const changed = changedRecord(key);
  if (!changed) return;
  try {
    if (changed.kind === 'client') await indexer.update(changed.company, changed.client);
    else await reindex.step(changed.company);
  } catch (error) {
    // Only name and message: the other fields of a DynamoDB error may contain personal data.
    const { name, message } = Object(error);
    logger.error('index update failed', { ...changed, reason: `${name}: ${message}` });
    throw error;
  }
}

async function runCommand(event: unknown): Promise<unknown> {
  const parsed = Command.parse(event);
  if ('progress' in parsed) return (await reindex.progress(parsed.progress)) ?? null;
  return parsed.rebuild === 'all'
    ? { companies: await reindex.requestAll() }
    : { companies: 1, request: await reindex.request(parsed.rebuild) };
}
