import type { ClientId } from '../shared/ids.ts';
import type { StoredClient, Warning } from './schema.ts';

/** A transaction was refused because another client has the guard of the VAT number. */
export class VatNumberHeld extends Error {
  readonly clientId: ClientId;

  constructor(clientId: ClientId) {
    super('another client has this VAT number');
    this.clientId = clientId;
  }
}

/** A VAT number as it is compared: without what people write between its characters. */
export const plainVatNumber = (vatNumber: string): string => vatNumber.replace(/[\s./-]+/g, '');

/** Whether two states of a client have the same VAT number, whatever its spelling. */
export function sameVatNumber(before: StoredClient, after: StoredClient): boolean {
  const of = ({ vatNumber }: StoredClient) => vatNumber && plainVatNumber(vatNumber).toUpperCase();
  return of(before) === of(after);
}

/**
 * Writes a client with a new VAT number as the first one that has it. If another client was first, it is written again,
 * with a warning. So the usual number takes no further call, and a duplicate takes one transaction more.
 */
export async function claimVatNumber<T>(
  client: StoredClient,
  write: (client: StoredClient, warnings: readonly Warning[]) => Promise<T>,
): Promise<T> {
  const { holdsVatNumber: _before, ...plain } = client;
  if (client.vatNumber === null) return write(plain, []);
  try {
    return await write({ ...plain, holdsVatNumber: true }, []);
  } catch (error) {
    if (!(error instanceof VatNumberHeld)) throw error;
    const detail = `Another client has the same VAT number: ${error.clientId}.`;
    return write(plain, [{ pointer: '/vatNumber', code: 'vat-duplicate', detail }]);
  }
}
