import type { Address } from '../shared/address.ts';
import type { StoredClient, Warning } from './schema.ts';
import { isSubdivision } from './subdivisions.ts';
import { vatWarning } from './vat.ts';

function subdivisionWarning(address: Address | null, pointer: string): Warning[] {
  if (!address?.country || !address.state || isSubdivision(address.country, address.state) !== false) return [];
  return [
    {
      pointer: `${pointer}/state`,
      code: 'unknown-subdivision',
      detail: `${address.country} has no such state or province by code (ISO 3166-2) or name.`,
    },
  ];
}

/** What looks wrong about a client, with pointers into it. A warning is no reason to refuse the client. */
export function warningsOf({
  vatNumber,
  billingAddress,
  shippingAddress,
}: Pick<StoredClient, 'vatNumber' | 'billingAddress' | 'shippingAddress'>): Warning[] {
  const vat = vatNumber === null ? undefined : vatWarning(vatNumber, billingAddress?.country ?? null);
  return [
    ...(vat ? [vat] : []),
    ...subdivisionWarning(billingAddress, '/billingAddress'),
    ...subdivisionWarning(shippingAddress, '/shippingAddress'),
  ];
}
