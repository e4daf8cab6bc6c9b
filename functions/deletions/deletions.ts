import * as z from 'zod';
import { memberRepository } from '../../lib/clients/member-repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { documentRemoval } from '../../lib/documents/removal.ts';
import { documentRepository } from '../../lib/documents/repository.ts';
import type { DocumentStorage } from '../../lib/documents/storage.ts';
import { groupDeletion } from '../../lib/groups/deletion.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { pricingRepository } from '../../lib/pricings/repository.ts';
import { ClientId, CompanyId, DocumentId, GroupId, ItemId, PricingId } from '../../lib/shared/ids.ts';
import type { Source } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { SEALED_SECONDS } from '../../lib/table/sharded-counter.ts';

/** A kind of message, and the step that handles it. Messages come twice, late and in any order. */
const kind = <S extends z.ZodType>(schema: S, step: (message: z.output<S>) => Promise<unknown>) => ({
  /** Returns whether the message was of this kind. */
  handle: async (message: unknown): Promise<boolean> => {
    const { success, data } = schema.safeParse(message);
    if (success) await step(data);
    return success;
  },
});

/** Handles one message of the relay: one step of a deletion. @throws when the step has to be retried */
export function deletions(table: Table, source: Source, storage: DocumentStorage) {
  const pricings = pricingRepository(table);
  const stepOfGroup = groupDeletion({
    groups: groupRepository(table),
    clients: memberRepository(table, clientRepository(table)),
    source,
    sealedSeconds: SEALED_SECONDS,
  });
  const documents = documentRemoval({
    table,
    documents: documentRepository(table),
    storage,
    log: systemLog(table),
  });
  const removal = { entity: z.literal('removal'), company: CompanyId };
  const document = { entity: z.literal('document'), company: CompanyId, clientId: ClientId, id: DocumentId };
  const kinds = [
    kind(
      z.object({ entity: z.literal('group'), company: CompanyId, id: GroupId, version: z.int() }),
      ({ company, id, version }) => stepOfGroup(company, id, version),
    ),
    kind(z.object({ ...removal, of: PricingId }), ({ company, of }) => pricings.finishPricing(company, of)),
    kind(z.object({ ...removal, of: ItemId }), ({ company, of }) => pricings.finishItem(company, of)),
    kind(
      z.object({ ...document, gone: z.literal(true), part: z.int(), ttl: z.int() }),
      ({ company, clientId: client, id, ...expired }) => documents.expire({ company, client, id }, expired),
    ),
    kind(z.object({ ...document, gone: z.never().optional() }), ({ company, clientId: client, id }) =>
      documents.finish({ company, client, id }),
    ),
  ];
  return async (message: unknown): Promise<undefined> => {
    for (const { handle } of kinds) if (await handle(message)) return;
    throw new Error('the message matches no kind of deletion');
  };
}
