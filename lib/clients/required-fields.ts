import type { Address } from '../shared/address.ts';
import type { InputFault } from '../shared/errors.ts';
import { fullName } from '../shared/full-name.ts';
import type { ClientsModule } from '../shared/principal.ts';
import { pointersInContacts } from './contacts/new-contact.ts';
import type { StoredClient } from './schema.ts';

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

interface Requirement {
  /** JSON pointer in the body of a client. */
  pointer: string;
  isMet: (checked: Checked) => boolean;
  /** The fields of contacts that meet the requirement too. */
  contactFields?: readonly string[];
}

/** For each field that a company can require: whether the client has it, and where. */
const requirements: Record<RequiredField, Requirement> = {
  name: { pointer: '/name', isMet: ({ client }) => client.name !== null },
  email: {
    pointer: '/contacts/0/email',
    isMet: ({ contacts }) => contacts.some(({ email }) => email !== null),
    contactFields: ['email'],
  },
  contactName: {
    pointer: '/contacts/0/firstName',
    isMet: ({ contacts }) => contacts.some((contact) => fullName(contact) !== null),
    contactFields: ['firstName', 'lastName'],
  },
  phone: {
    pointer: '/phones',
    isMet: ({ client, contacts }) =>
      client.phones.some(({ kind }) => kind === 'phone') || contacts.some(({ phone }) => phone !== null),
    contactFields: ['phone'],
  },
  pricingId: { pointer: '/pricingId', isMet: ({ client }) => client.pricingId !== null },
  invoiceDelivery: { pointer: '/invoiceDelivery', isMet: ({ client }) => client.invoiceDelivery !== null },
  idNumber: { pointer: '/idNumber', isMet: ({ client }) => client.idNumber !== null },
  vatNumber: { pointer: '/vatNumber', isMet: ({ client }) => client.vatNumber !== null },
  billingAddress: { pointer: '/billingAddress', isMet: ({ client }) => isFilled(client.billingAddress) },
  shippingAddress: { pointer: '/shippingAddress', isMet: ({ client }) => isFilled(client.shippingAddress) },
};

function findMissing(required: readonly RequiredField[], checked: Checked): RequiredField[] {
  return required.filter((field) => !requirements[field].isMet(checked));
}

function fault(pointer: string): InputFault {
  return { pointer, code: 'required', detail: 'The company requires this field for every client.' };
}

/** A fault for each required field that the client lacks. */
export function missingFieldFaults(required: readonly RequiredField[], checked: Checked): InputFault[] {
  return findMissing(required, checked).map((field) => {
    const { pointer, contactFields } = requirements[field];
    if (!contactFields) return fault(pointer);
    return { ...fault(pointer), dependsOn: [pointer, ...pointersInContacts(checked.contacts, contactFields)] };
  });
}

/** JSON pointers of fields that a contact can fill in, in the body of one contact. */
const contactPointers: Partial<Record<RequiredField, string>> = {
  email: '/email',
  contactName: '/firstName',
  phone: '/phone',
};

/**
 * A fault for each required field that a change removes. Fields that were missing before are no faults, because the
 * company may have required them later. Pointers refer to the body of the client, or of one of its contacts.
 */
export function removedFieldFaults(
  required: readonly RequiredField[],
  before: Checked,
  after: Checked,
  body: 'client' | 'contact' = 'client',
): InputFault[] {
  const missingBefore = new Set(findMissing(required, before));
  const pointer = (field: RequiredField) =>
    (body === 'contact' && contactPointers[field]) || requirements[field].pointer;
  return findMissing(required, after)
    .filter((field) => !missingBefore.has(field))
    .map((field) => fault(pointer(field)));
}
