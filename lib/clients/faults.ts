import type { InputFault } from '../shared/errors.ts';
import type { Principal } from '../shared/principal.ts';
import { accountFaults } from './contacts/new-account.ts';
import { duplicateFaults, pointersInContacts } from './contacts/new-contact.ts';
import { contradictions } from './one-value.ts';
import type { ClientRepository, ClientWithContacts } from './repository.ts';
import { missingFieldFaults, removedFieldFaults } from './required-fields.ts';
import type { ClientInput, ClientPatch, StoredClient, StoredContact } from './schema.ts';

/** Checks custom fields against the company's definitions. Values that equal those in `before` are not checked. */
export type CustomFieldFaults = (
  principal: Principal,
  check: {
    values: StoredClient['customFields'];
    before?: StoredClient['customFields'];
    contacts?: readonly StoredContact['customFields'][];
  },
) => Promise<InputFault[]>;

interface FaultDeps {
  clients: Pick<ClientRepository, 'referenceFaults'>;
  customFieldFaults: CustomFieldFaults;
}

/** What the company's rules, and its groups and pricings, say against clients. Values that others hold are not among it. */
export function clientFaults({ clients, customFieldFaults }: FaultDeps) {
  return {
    /** The faults of a new client. One call if it has a group or a pricing, and one if the company has custom fields. */
    async ofCreation(principal: Principal, input: ClientInput, created: ClientWithContacts): Promise<InputFault[]> {
      const required = principal.clientsModule.requiredFields;
      const otherFields = required.filter((field) => field !== 'pricingId');
      const { groupId, pricingId } = created.client;
      return [
        ...duplicateFaults(input.contacts),
        ...contradictions({ ...input, invoiceDelivery: input.invoiceDelivery ?? undefined }),
        ...welcomeEmailFaults(input),
        ...(await faultsOfAccounts(input)),
        ...missingFieldFaults(otherFields, created),
        ...(await customFieldFaults(principal, {
          values: input.customFields,
          contacts: input.contacts.map(({ customFields }) => customFields),
        })),
        ...(await clients.referenceFaults(principal.companyId, {
          groupId,
          pricingId,
          pricingRequired: required.includes('pricingId'),
        })),
      ];
    },

    /** The faults of a change. One call if group or pricing change, and one if custom fields do. */
    async ofChange(
      principal: Principal,
      { client, contacts }: ClientWithContacts,
      after: StoredClient,
      patch: ClientPatch,
    ): Promise<InputFault[]> {
      const required = principal.clientsModule.requiredFields;
      const isMoved = after.groupId !== client.groupId || after.pricingId !== client.pricingId;
      return [
        ...contradictions(patch, client),
        ...(after.displayName === '' ? [NAME_NEEDED] : []),
        ...removedFieldFaults(required, { client, contacts }, { client: after, contacts }),
        ...(patch.customFields === undefined
          ? []
          : await customFieldFaults(principal, { values: after.customFields, before: client.customFields })),
        ...(isMoved
          ? await clients.referenceFaults(principal.companyId, {
              groupId: after.groupId,
              pricingId: after.pricingId === client.pricingId ? null : after.pricingId,
              pricingRequired: false,
            })
          : []),
      ];
    },
  };
}

const NAME_NEEDED: InputFault = {
  pointer: '/name',
  code: 'required',
  detail: 'A client without contacts needs a name.',
};

async function faultsOfAccounts({ contacts, status }: ClientInput): Promise<InputFault[]> {
  const faults = await Promise.all(
    contacts.map((contact, index) => accountFaults(contact, status === 'active', `/contacts/${index}`)),
  );
  return faults.flat();
}

function welcomeEmailFaults({ sendWelcomeEmail, contacts, status }: ClientInput): InputFault[] {
  if (!sendWelcomeEmail) return [];
  const pointer = '/sendWelcomeEmail';
  const primary = contacts.find(({ isPrimary }) => isPrimary) ?? contacts[0];
  if (!primary?.email)
    return [
      {
        pointer,
        code: 'no-address',
        detail: 'The primary contact has no e-mail address.',
        dependsOn: pointersInContacts(contacts, ['email', 'isPrimary']),
      },
    ];
  return status === 'active'
    ? []
    : [{ pointer, code: 'not-allowed', detail: 'The portal is closed for a client that is not active.' }];
}
