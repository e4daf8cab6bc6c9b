import type { InputFault } from '../shared/errors.ts';
import { fullName } from '../shared/full-name.ts';
import type { ClientsModule } from '../shared/principal.ts';
import type { Address, StoredClient } from './schema.ts';

type RequiredField = ClientsModule['requiredFields'][number];

interface Checked {
  client: StoredClient;
  contacts: readonly {
    firstName: string | null;
    lastName: string | null;
    email: string | null;
    phone: string | null;
  }[];
}

function isFilled(address: Address | null): boolean {
  return address !== null && Object.values(address).some((part) => part !== null);
}

/** For each field that a company can require: whether a client has it, and where it would stand in the body. */
const requirements: Record<RequiredField, { pointer: string; met: (checked: Checked) => boolean }> = {
  name: { pointer: '/name', met: ({ client }) => client.name !== null },
  email: { pointer: '/contacts/0/email', met: ({ contacts }) => contacts.some(({ email }) => email !== null) },
  contactName: {
    pointer: '/contacts/0/firstName',
    met: ({ contacts }) => contacts.some((contact) => fullName(contact) !== null),
  },
  phone: {
    pointer: '/phones',
    met: ({ client, contacts }) =>
      client.phones.some(({ kind }) => kind === 'phone') || contacts.some(({ phone }) => phone !== null),
  },
  pricingId: { pointer: '/pricingId', met: ({ client }) => client.pricingId !== null },
  invoiceDelivery: { pointer: '/invoiceDelivery', met: ({ client }) => client.invoiceDelivery !== null },
  idNumber: { pointer: '/idNumber', met: ({ client }) => client.idNumber !== null },
  vatNumber: { pointer: '/vatNumber', met: ({ client }) => client.vatNumber !== null },
  billingAddress: { pointer: '/billingAddress', met: ({ client }) => isFilled(client.billingAddress) },
  shippingAddress: { pointer: '/shippingAddress', met: ({ client }) => isFilled(client.shippingAddress) },
};

function missing(required: readonly RequiredField[], checked: Checked): RequiredField[] {
  return required.filter((field) => !requirements[field].met(checked));
}

function fault(pointer: string): InputFault {
  return { pointer, code: 'required', detail: 'The company requires it of every client.' };
}

/** A fault for each required field that the client lacks. */
export function missingFields(required: readonly RequiredField[], checked: Checked): InputFault[] {
  return missing(required, checked).map((field) => fault(requirements[field].pointer));
}

/** Where a body of one contact would name what a client needs of its contacts. */
const inContact: Partial<Record<RequiredField, string>> = {
  email: '/email',
  contactName: '/firstName',
  phone: '/phone',
};

/**
 * A fault for each required field that a change takes away. What the client lacked before is no fault of the change: a
 * company may come to require a field later. Pointers go into a body of the client, or of one of its contacts.
 */
export function lostFields(
  required: readonly RequiredField[],
  before: Checked,
  after: Checked,
  body: 'client' | 'contact' = 'client',
): InputFault[] {
  const lacked = new Set(missing(required, before));
  const pointer = (field: RequiredField) => (body === 'contact' && inContact[field]) || requirements[field].pointer;
  return missing(required, after)
    .filter((field) => !lacked.has(field))
    .map((field) => fault(pointer(field)));
}
