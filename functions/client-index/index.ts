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

/** What an operator invokes the function with; README of lib/search. */
const Command = z.union([
  z.strictObject({ rebuild: z.union([CompanyId, z.literal('all')]) }),
  z.strictObject({ progress: CompanyId }),
]);

/** Follows the changes of clients, and rebuilds on request. */
export async function handler(
  event: DynamoDBStreamEvent | z.input<typeof Command>,
  context: Context,
): Promise<unknown> {
  return 'Records' in event ? follow(event, context) : command(event);
}

async function follow(event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> {
  const done = new Map<string, Promise<void>>();
  const once = (record: DynamoDBRecord): Promise<void> => {
    const { PK, SK } = record.dynamodb?.Keys ?? {};
    const name = `${PK?.S} ${SK?.S}`;
    // A client is read as it is now: many changes of it in a batch are one.
    const running = done.get(name) ?? update({ PK: PK?.S ?? '', SK: SK?.S ?? '' });
    done.set(name, running);
    return running;
  };
  // In order, so that the counts that clients share are not fought over.
  return processPartialResponse(event, once, processor, { context, processInParallel: false });
}

async function update(key: Parameters<typeof changedRecord>[0]): Promise<void> {
  const changed = changedRecord(key);
  if (!changed) return;
  try {
    if (changed.kind === 'client') await indexer.update(changed.company, changed.client);
    else await reindex.step(changed.company);
  } catch (error) {
    // Name and message only: what else an error of DynamoDB carries may be personal.
    const { name, message } = Object(error);
    logger.error('index update failed', { ...changed, reason: `${name}: ${message}` });
    throw error;
  }
}

async function command(event: unknown): Promise<unknown> {
  const parsed = Command.parse(event);
  if ('progress' in parsed) return (await reindex.progress(parsed.progress)) ?? null;
  return parsed.rebuild === 'all'
    ? { companies: await reindex.requestAll() }
    : { companies: 1, request: await reindex.request(parsed.rebuild) };
}
