import { isDeepStrictEqual } from 'node:util';
import type { Address } from '../shared/address.ts';
import { generalGroupId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import type { Principal } from '../shared/principal.ts';
import { validated } from '../shared/validation.ts';
import { displayName } from './display-name.ts';
import { patchOfFields, withoutSecondSpelling } from './one-value.ts';
import { normalizedPhones } from './phones.ts';
import {
  ClientChange,
  type ClientInput,
  type ClientPatch,
  type Phone,
  type StoredClient,
  type StoredContact,
} from './schema.ts';

/** The client with a merge patch applied to its own fields. @throws Problem `validation` */
export async function applyPatch(
  principal: Principal,
  client: StoredClient,
  contacts: readonly StoredContact[],
  patch: ClientPatch,
  at: string,
): Promise<StoredClient> {
  const fields = Object.keys(ClientChange.shape);
  const stored = { ...client, ...withoutSecondSpelling(client) };
  const present = Object.fromEntries(Object.entries(stored).filter(([name]) => fields.includes(name)));
  const merged = mergePatch(present, patchOfFields(patch, client));
  const changed = validated(ClientChange, { groupId: generalGroupId(principal.companyId), ...Object(merged) });
  return {
    ...client,
    ...changed,
    phones: await updatePhones(principal, client, changed),
    shippingAddress: resolveShippingAddress(changed.shippingAddress, changed.billingAddress),
    marketingOptIn: resolveOptIn(
      changed.marketingOptIn,
      patch.marketingOptIn === undefined ? null : client.marketingOptIn,
      at,
    ),
    displayName: displayName(changed.name, contacts),
  };
}

/** The phones with their E.164 numbers, which are computed only if the phones or the country for them changed. */
async function updatePhones(principal: Principal, before: StoredClient, after: ClientChange): Promise<Phone[]> {
  const countryOf = ({ billingAddress }: Pick<ClientChange, 'billingAddress'>) =>
    billingAddress?.country ?? principal.country;
  const isUnchanged = isDeepStrictEqual(after.phones, before.phones) && countryOf(after) === countryOf(before);
  return isUnchanged ? before.phones : normalizedPhones(after.phones, countryOf(after));
}

/** An address for deliveries, which may be that for invoices. */
export function resolveShippingAddress(
  shipping: ClientInput['shippingAddress'],
  billing: Address | null,
): Address | null {
  return shipping === 'copy-billing' ? billing : shipping;
}

/** Consent as it is stored. The time of a change is now, unless the caller gives another one. */
export function resolveOptIn(
  input: ClientInput['marketingOptIn'],
  before: StoredClient['marketingOptIn'],
  at: string,
): StoredClient['marketingOptIn'] {
  if (input === null) return null;
  const optIn = typeof input === 'boolean' ? { granted: input } : input;
  // A patch that changes only `granted` repeats the old time, which is then not the time of this change.
  const isOldTime = before !== null && before.granted !== optIn.granted && optIn.at === before.at;
  return { granted: optIn.granted, at: isOldTime ? at : (optIn.at ?? at), how: optIn.how ?? 'api' };
}
