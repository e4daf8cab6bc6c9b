import type { DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { env } from '../../lib/aws/env.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { reindexRepository } from '../../lib/search/reindex-repository.ts';
import { reindexService } from '../../lib/search/reindex-service.ts';
import { CompanyId } from '../../lib/shared/ids.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/client.ts';
import { recordConsumer } from './records.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const indexer = clientIndexer(table, source);
const reindex = reindexService({ requests: reindexRepository(table), indexer, source });
const consume = recordConsumer({ indexer, reindex });

/** The events with which an operator invokes the function: start a rebuild, or read its progress. */
const Command = z.union([
  z.strictObject({ rebuild: z.union([CompanyId, z.literal('all')]) }),
  z.strictObject({ progress: CompanyId }),
]);

/** Updates the client index after changes in the table, and rebuilds it on an operator's command. */
export async function handler(event: DynamoDBStreamEvent | z.input<typeof Command>): Promise<unknown> {
  return 'Records' in event ? consume(event) : runCommand(event);
}

async function runCommand(event: unknown): Promise<unknown> {
  const parsed = Command.parse(event);
  if ('progress' in parsed) return (await reindex.progress(parsed.progress)) ?? null;
  return parsed.rebuild === 'all'
    ? { companies: await reindex.requestAll() }
    : { companies: 1, request: await reindex.request(parsed.rebuild) };
}
