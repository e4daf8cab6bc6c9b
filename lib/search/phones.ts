import type { StoredClient, StoredContact } from '../clients/schema.ts';
import type { GivenPhone } from '../shared/written-numbers.ts';

/** The phone numbers of a client and its contacts. */
export function phonesOf(client: StoredClient, contacts: readonly StoredContact[]): GivenPhone[] {
  return [
    ...client.phones.map(({ number, e164 }) => ({ given: number, e164 })),
    ...contacts.flatMap(({ phone, phoneE164 }) => (phone === null ? [] : [{ given: phone, e164: phoneE164 }])),
  ];
}
