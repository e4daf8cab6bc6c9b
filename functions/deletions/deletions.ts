import type * as z from 'zod';
import type { ObjectStorage } from '../../lib/aws/object-storage.ts';
import { memberRepository } from '../../lib/clients/member-repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { documentRemoval } from '../../lib/documents/removal.ts';
import { documentRepository } from '../../lib/documents/repository.ts';
import { groupDeletion } from '../../lib/groups/deletion.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { logoRemoval } from '../../lib/logo/removal.ts';
import { logoRepository } from '../../lib/logo/repository.ts';
import { pricingRepository } from '../../lib/pricings/repository.ts';
import { DeletionMessage } from '../../lib/relay/rules.ts';
import { ItemId, PricingId } from '../../lib/shared/ids.ts';
import type { Source } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { SEALED_SECONDS } from '../../lib/table/sharded-counter.ts';

/**
 * Handles a message of the relay, which is one step of a deletion. Messages may be duplicated, late and in any order.
 * @throws ZodError for a message that no rule of the relay produces; Error if the step has to be retried
 */
export function deletions(table: Table, source: Source, storage: ObjectStorage) {
  const pricings = pricingRepository(table);
  const runGroupStep = groupDeletion({
    groups: groupRepository(table),
    clients: memberRepository(table, clientRepository(table)),
    source,
    sealedSeconds: SEALED_SECONDS,
  });
  const log = systemLog(table);
  const documents = documentRemoval({ table, documents: documentRepository(table), storage, log });
  const removeLogo = logoRemoval({ table, logos: logoRepository(table), storage, log });
  return async (message: unknown): Promise<undefined> => {
    await handle(DeletionMessage.parse(message));
  };

  function handle(message: z.output<typeof DeletionMessage>): Promise<unknown> {
    const { company } = message;
    switch (message.kind) {
      case 'group-deletion':
        return runGroupStep(company, message.id, message.version);
      case 'price-removal': {
        const pricing = PricingId.safeParse(message.of);
        return pricing.success
          ? pricings.finishPricing(company, pricing.data)
          : pricings.finishItem(company, ItemId.parse(message.of));
      }
      case 'document-deletion':
        return documents.finish({ company, client: message.clientId, id: message.id });
      case 'document-expiry':
        return documents.expire({ company, client: message.clientId, id: message.id }, message);
      case 'logo-removal':
        return removeLogo({ company, id: message.id });
    }
  }
}
