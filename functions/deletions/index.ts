import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { memberRepository } from '../../lib/clients/member-repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { documentRemoval } from '../../lib/documents/removal.ts';
import { documentRepository } from '../../lib/documents/repository.ts';
import { documentStorage } from '../../lib/documents/storage.ts';
import { groupDeletion } from '../../lib/groups/deletion.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { CompanyId, DocumentId, GroupId, ItemId, PricingId } from '../../lib/ids.ts';
import { env } from '../../lib/platform/env.ts';
import { logger } from '../../lib/platform/logger.ts';
import { bucketLocations } from '../../lib/platform/s3.ts';
import { systemSource } from '../../lib/platform/source.ts';
import { pricingRepository } from '../../lib/pricings/repository.ts';
import { clientOfPartition } from '../../lib/table/keys.ts';
import { openTable } from '../../lib/table/table.ts';
import { CLOSED_FOR } from '../../lib/table/tally.ts';
import { systemLog } from '../../lib/traces/system-log.ts';

const table = openTable(env('TABLE_NAME'));
const pricings = pricingRepository(table);
const stepOfGroup = groupDeletion({
  groups: groupRepository(table),
  clients: memberRepository(table, clientRepository(table)),
  source: systemSource,
  closedFor: CLOSED_FOR,
});
const documents = documentRemoval({
  table,
  documents: documentRepository(table),
  storage: documentStorage(bucketLocations(env('BUCKET_NAME'), systemSource)),
  log: systemLog(table),
});
const processor = new BatchProcessor(EventType.DynamoDBStreams);

/** What the filter of the stream lets through: the present item, or the last one of an item that is gone. */
const Doomed = z.union([
  z.object({ entity: z.literal('group'), PK: CompanyId, id: GroupId, version: z.int() }),
  z.object({ entity: z.literal('removal'), PK: CompanyId, of: PricingId }),
  z.object({ entity: z.literal('removal'), PK: CompanyId, of: ItemId }),
  z.object({ entity: z.literal('document'), PK: z.string(), id: DocumentId, status: z.literal('deleting') }),
  z.object({
    entity: z.literal('document'),
    PK: z.string(),
    id: DocumentId,
    status: z.literal('pending'),
    part: z.int(),
    ttl: z.int(),
  }),
]);
type Doomed = z.output<typeof Doomed>;

const isPricing = (of: z.output<typeof PricingId> | z.output<typeof ItemId>): of is z.output<typeof PricingId> =>
  PricingId.safeParse(of).success;

/** The texts and numbers of a record's item, which are all that is looked at here. */
function plain({ Keys, NewImage, OldImage }: NonNullable<DynamoDBRecord['dynamodb']>): Record<string, unknown> {
  const values = Object.entries({ ...Keys, ...(NewImage ?? OldImage) });
  return Object.fromEntries(values.map(([name, { S, N }]) => [name, S ?? (N === undefined ? undefined : Number(N))]));
}

async function step(doomed: Doomed): Promise<void> {
  if (doomed.entity === 'group') return stepOfGroup(doomed.PK, doomed.id, doomed.version);
  if (doomed.entity === 'removal')
    return isPricing(doomed.of)
      ? pricings.finishPricing(doomed.PK, doomed.of)
      : pricings.finishItem(doomed.PK, doomed.of);
  const place = { ...clientOfPartition(doomed.PK), id: doomed.id };
  return doomed.status === 'deleting' ? documents.finish(place) : documents.expire(place, doomed);
}

async function finish(record: DynamoDBRecord): Promise<void> {
  const doomed = Doomed.parse(plain(record.dynamodb ?? {}));
  try {
    await step(doomed);
  } catch (error) {
    const { name, message } = Object(error);
    logger.warn('a deletion is tried again', {
      reason: `${name}: ${message}`,
      of: 'id' in doomed ? doomed.id : doomed.of,
    });
    throw error;
  }
}

/**
 * Finishes deletions in the background: moves the clients of a group, removes the prices of a pricing or an item, and what
 * the storage has of a document that was deleted or never came.
 */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  // That a step has to wait for the index is no fault: what it fails with is retried, and counted when it is given up.
  return processPartialResponse(event, finish, processor, { processInParallel: false, throwOnFullBatchFailure: false });
}
