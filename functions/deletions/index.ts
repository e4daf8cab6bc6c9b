import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { memberRepository } from '../../lib/clients/member-repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { groupDeletion } from '../../lib/groups/deletion.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { CompanyId, GroupId, ItemId, PricingId } from '../../lib/ids.ts';
import { env } from '../../lib/platform/env.ts';
import { logger } from '../../lib/platform/logger.ts';
import { systemSource } from '../../lib/platform/source.ts';
import { pricingRepository } from '../../lib/pricings/repository.ts';
import { openTable } from '../../lib/table/table.ts';
import { CLOSED_FOR } from '../../lib/table/tally.ts';

const table = openTable(env('TABLE_NAME'));
const pricings = pricingRepository(table);
const stepOfGroup = groupDeletion({
  groups: groupRepository(table),
  clients: memberRepository(table, clientRepository(table)),
  source: systemSource,
  closedFor: CLOSED_FOR,
});
const processor = new BatchProcessor(EventType.DynamoDBStreams);

/** What the filter of the stream lets through. */
const Doomed = z.union([
  z.object({ entity: z.literal('group'), PK: CompanyId, id: GroupId, version: z.int() }),
  z.object({ entity: z.literal('removal'), PK: CompanyId, of: z.union([PricingId, ItemId]) }),
]);

const isPricing = (of: z.output<typeof PricingId> | z.output<typeof ItemId>): of is z.output<typeof PricingId> =>
  PricingId.safeParse(of).success;

/** The texts and numbers of a record's item, which are all that is looked at here. */
function plain({ Keys, NewImage }: NonNullable<DynamoDBRecord['dynamodb']>): Record<string, unknown> {
  const values = Object.entries({ ...Keys, ...NewImage });
  return Object.fromEntries(values.map(([name, { S, N }]) => [name, S ?? (N === undefined ? undefined : Number(N))]));
}

async function finish(record: DynamoDBRecord): Promise<void> {
  const doomed = Doomed.parse(plain(record.dynamodb ?? {}));
  const { PK: company } = doomed;
  try {
    if ('version' in doomed) await stepOfGroup(company, doomed.id, doomed.version);
    else if (isPricing(doomed.of)) await pricings.finishPricing(company, doomed.of);
    else await pricings.finishItem(company, doomed.of);
  } catch (error) {
    const { name, message } = Object(error);
    logger.warn('a deletion is tried again', {
      reason: `${name}: ${message}`,
      of: 'id' in doomed ? doomed.id : doomed.of,
    });
    throw error;
  }
}

/** Finishes deletions in the background: moves the clients of a group, removes the prices of a pricing or an item. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  // That a step has to wait for the index is no fault: what it fails with is retried, and counted when it is given up.
  return processPartialResponse(event, finish, processor, { processInParallel: false, throwOnFullBatchFailure: false });
}
