import { memberRepository } from '../../lib/clients/member-repository.ts';
import type { ClientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import type { clientService } from '../../lib/clients/service.ts';
import { groupDeletion } from '../../lib/groups/deletion.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { groupService } from '../../lib/groups/service.ts';
import { numberPreview } from '../../lib/numbers/preview.ts';
import { pricingRepository } from '../../lib/pricings/repository.ts';
import { ItemInput, PricingInput } from '../../lib/pricings/schema.ts';
import { pricingService } from '../../lib/pricings/service.ts';
import { clientIndexer } from '../../lib/search/index-repository.ts';
import { clientSettingsService } from '../../lib/settings/client-settings.ts';
import { settingsRepository } from '../../lib/settings/repository.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Source } from '../../lib/shared/source.ts';
import type { Table } from '../../lib/table/client.ts';
import { SEALED_SECONDS } from '../../lib/table/sharded-counter.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Measure } from '../support/calls.ts';

interface Company {
  table: Table;
  source: Source;
  principal: Principal;
  repository: ClientRepository;
  clients: ReturnType<typeof clientService>;
}

/** Measures groups, pricings, items and the settings cascade. */
export async function measureGroups(measure: Measure, company: Company): Promise<void> {
  await measurePricings(measure, company);
  await measureCascade(measure, company);
}

async function measurePricings(measure: Measure, { table, source, principal, clients }: Company): Promise<void> {
  const { companyId } = principal;
  const repository = pricingRepository(table);
  const pricings = pricingService(repository, source);
  const pricing = await measure('createPricing', () =>
    pricings.createPricing(companyId, PricingInput.parse({ name: 'Wholesale' }), committing(table)),
  );
  await measure('listPricings', () => repository.pricings(companyId, 50, undefined));
  await measure('getPricing', () => pricings.pricing(companyId, pricing.id));
  await measure('changePricing', () => pricings.changePricing(companyId, pricing.id, { name: 'Retail' }, undefined));
  const item = await measure('createItem', () =>
    pricings.createItem(companyId, ItemInput.parse({ name: 'Hour' }), committing(table)),
  );
  const other = await pricings.createItem(companyId, ItemInput.parse({ name: 'Day' }), committing(table));
  const anything = { archived: false, kind: undefined };
  await measure('listItems', () => repository.items(companyId, 50, undefined, anything));
  await measure('getItem', () => pricings.item(companyId, item.id));
  await measure('changeItem', () => pricings.changeItem(companyId, item.id, { unit: 'hour' }, undefined));
  const price = { amount: 100, currency: 'EUR' };
  await measure('putPrice', () => pricings.putPrice(companyId, pricing.id, item.id, price, undefined));
  await pricings.putPrice(companyId, pricing.id, other.id, price, undefined);
  await measure('listPrices', () => pricings.prices(companyId, pricing.id, 50, undefined));
  await measure('deletePrice', () => pricings.deletePrice(companyId, pricing.id, item.id, undefined));
  await pricings.putPrice(companyId, pricing.id, item.id, price, undefined);
  const input = ClientInput.parse({ name: 'C', pricingId: pricing.id });
  const client = await measure('createClientInPricing', () => clients.create(principal, input, committing(table)));
  await measure('deletePricingInUse', () =>
    pricings.deletePricing(companyId, pricing.id, undefined).catch(() => undefined),
  );
  await clients.patch(principal, client.id, { pricingId: null }, undefined);
  await measure('deleteItemInUse', () =>
    pricings.deleteItem(companyId, item.id, false, undefined).catch(() => undefined),
  );
  const unpriced = await pricings.createItem(companyId, ItemInput.parse({ name: 'Week' }), committing(table));
  await measure('deleteItem', () => pricings.deleteItem(companyId, unpriced.id, false, undefined));
  await measure('deleteItemWithPrices', () => pricings.deleteItem(companyId, item.id, true, undefined));
  await measure('finishItem', () => repository.finishItem(companyId, item.id));
  await measure('deletePricing', () => pricings.deletePricing(companyId, pricing.id, undefined));
  await measure('finishPricing', () => repository.finishPricing(companyId, pricing.id));
}

async function measureCascade(measure: Measure, company: Company): Promise<void> {
  const { table, source, principal, repository, clients } = company;
  const { companyId } = principal;
  const stored = groupRepository(table);
  const groups = groupService(stored, source);
  const settings = settingsRepository(table);
  const own = clientSettingsService({ clients: repository, settings, commit: committing(table), source });
  const group = await measure('createGroup', () =>
    groups.create(companyId, { name: 'Key', settings: {} }, committing(table)),
  );
  await measure('listGroups', () => stored.list(companyId, 50, undefined));
  await measure('getGroup', () => groups.read(companyId, group.id));
  await measure('changeGroup', () => groups.change(companyId, group.id, { settings: { language: 'fr' } }, undefined));
  await measure('renameGroup', () => groups.change(companyId, group.id, { name: 'Key clients' }, undefined));
  await measure('reportGroups', () => groups.report(companyId));
  const { id } = await clients.create(
    principal,
    ClientInput.parse({ name: 'D', groupId: group.id }),
    committing(table),
  );
  await measure('getClientSettings', () => own.read(principal, id));
  await measure('changeClientSettings', () => own.change(principal, id, { quoteValidDays: 3 }, undefined));
  const { preview } = numberPreview(settings, source);
  await measure('previewNumbers', () => preview(companyId, { clientNumber: {} }));
  const definitions = { client: { custom1: { label: 'Tier', kind: 'text' } } } as const;
  await companySettingsServices({ table, source }).settings.change(companyId, { customFields: definitions }, undefined);
  const defined = { ...principal, customFieldsDefined: true };
  await measure('createClientChecked', () =>
    clients.create(defined, ClientInput.parse({ name: 'E' }), committing(table)),
  );

  await clientIndexer(table, source).update(companyId, id);
  const empty = await groups.create(companyId, { name: 'Empty', settings: {} }, committing(table));
  await measure('deleteGroupWithoutClients', () => groups.delete(companyId, empty.id, undefined));
  const begun = await measure('deleteGroup', () => groups.delete(companyId, group.id, undefined));
  const step = groupDeletion({
    groups: stored,
    clients: memberRepository(table, repository),
    source,
    sealedSeconds: SEALED_SECONDS,
  });
  await measure('moveClientsOfGroup', () => step(companyId, group.id, begun.version));
  await clientIndexer(table, source).update(companyId, id);
  await measure('endOfGroup', () => step(companyId, group.id, begun.version + 1));
}
