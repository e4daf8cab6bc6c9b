import { isDeepStrictEqual } from 'node:util';
import type { ClientAct } from '../activity/client-activity.ts';
import { authorOf } from '../activity/schema.ts';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import { ClientId, ContactId, generalGroupId, MailId, mintId, mintInOrder } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import { type Principal, requesterOf } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';
import type { Commit } from '../table/transaction.ts';
import { invited } from './contacts/invitation.ts';
import { newContact, primaryOf, repeated } from './contacts/new-contact.ts';
import { displayName } from './display-name.ts';
import { withE164 } from './phones.ts';
import type { ClientRepository, ClientWithContacts } from './repository.ts';
import { lostFields, missingFields } from './required-fields.ts';
import {
  type Address,
  ClientChange,
  type ClientInput,
  type ClientPatch,
  type ClientProfile,
  type Phone,
  type StoredClient,
  type StoredContact,
} from './schema.ts';
import { warningsOf } from './warnings.ts';

/** Draws of a number before a creation gives up; each draw after the first skips a hundred taken ones at once. */
const MAX_DRAWS = 10;

export interface ClientDeps {
  clients: ClientRepository;
  /** Draws the next number of the company's pattern. */
  nextNumber: (request: {
    companyId: Principal['companyId'];
    timezone: string;
    groupName: () => Promise<string>;
  }) => Promise<{ number: string; skip: () => Promise<void> }>;
  /** What is wrong with custom values under the company's definitions; only what differs from `before` is looked at. */
  customFieldFaults: (
    principal: Principal,
    check: {
      values: StoredClient['customFields'];
      before?: StoredClient['customFields'];
      contacts?: readonly StoredContact['customFields'][];
    },
  ) => Promise<InputFault[]>;
  /** Commits changes that no Idempotency-Key covers. */
  commit: Commit<unknown>;
  source: Source;
}

function profileOf({ client, contacts }: ClientWithContacts): ClientProfile {
  return { ...client, contacts, balances: [], warnings: warningsOf(client) };
}

/** The rules of clients: creation, change, archive. */
export function clientService({ clients, nextNumber, customFieldFaults, commit: commitChange, source }: ClientDeps) {
  const now = () => source.now().toISOString();

  async function newContacts(
    clientId: ClientId,
    input: ClientInput,
    country: string | null,
    at: string,
  ): Promise<StoredContact[]> {
    const nextId = mintInOrder(ContactId, 'con', source);
    const primary = Math.max(
      0,
      input.contacts.findIndex(({ isPrimary }) => isPrimary),
    );
    return Promise.all(
      input.contacts.map((contact, index) =>
        newContact(contact, { id: nextId(), clientId, isPrimary: index === primary, country, at }),
      ),
    );
  }

  /** The primary contact gets its invitation to the portal. */
  function welcomed(principal: Principal, contact: StoredContact, at: string): StoredContact {
    const invitation = { mailId: mintId(MailId, 'mail', source), at, by: requesterOf(principal) };
    return contact.isPrimary ? invited(contact, invitation) : contact;
  }

  async function newClient(principal: Principal, input: ClientInput): Promise<ClientWithContacts> {
    const id = mintId(ClientId, 'cli', source);
    const at = now();
    const { contacts: _contacts, sendWelcomeEmail, ...fields } = input;
    const country = input.billingAddress?.country ?? principal.country;
    const made = await newContacts(id, input, country, at);
    const contacts = sendWelcomeEmail ? made.map((contact) => welcomed(principal, contact, at)) : made;
    const client: StoredClient = {
      ...fields,
      id,
      number: input.number ?? '',
      groupId: input.groupId ?? generalGroupId(principal.companyId),
      phones: await withE164(input.phones, country),
      shippingAddress: shippingOf(input.shippingAddress, input.billingAddress),
      marketingOptIn: optInOf(input.marketingOptIn, null, at),
      displayName: displayName(input.name, contacts),
      primaryContact: primaryOf(contacts),
      balances: [],
      userIds: [],
      archivedAt: null,
      createdAt: at,
      updatedAt: at,
      version: 1,
    };
    return { client, contacts };
  }

  async function createNumbered(
    principal: Principal,
    { client, contacts }: ClientWithContacts,
    commit: Commit<ClientProfile>,
  ): Promise<ClientProfile> {
    const { companyId, timezone } = principal;
    for (let draw = 1; ; draw++) {
      const { number, skip } = await nextNumber({
        companyId,
        timezone,
        groupName: () => clients.groupName(companyId, client.groupId),
      });
      const created = { client: { ...client, number }, contacts };
      const profile = profileOf(created);
      try {
        await commit(clients.writesToCreate(companyId, created, authorOf(principal)), profile);
        return profile;
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'number-taken') throw error;
        if (draw === MAX_DRAWS) throw new Problem('numbers-exhausted');
        await skip();
      }
    }
  }

  /** Reads, changes and writes a client; again where another change came between and the caller named no version. */
  async function change(
    principal: Principal,
    action: ClientAct['action'],
    id: ClientId,
    ifMatch: readonly number[] | undefined,
    commit: Commit<ClientProfile>,
    apply: (present: ClientWithContacts) => StoredClient | Promise<StoredClient>,
  ): Promise<ClientProfile> {
    const { companyId } = principal;
    return retryOnStaleVersion(ifMatch, async () => {
      const present = await clients.profile(companyId, id);
      if (!present) throw new Problem('not-found');
      if (ifMatch && !ifMatch.includes(present.client.version)) throw new Problem('stale-version');
      const changed = await apply(present);
      if (isDeepStrictEqual(changed, present.client)) return profileOf(present);
      const after = { ...changed, updatedAt: now(), version: present.client.version + 1 };
      const profile = profileOf({ client: after, contacts: present.contacts });
      const act = { by: authorOf(principal), action };
      await commit(clients.writesToReplace(companyId, present.client, after, act), profile);
      return profile;
    });
  }

  return {
    /**
     * Creates a client with its contacts. Two calls, the number's counter and one transaction; one more where the client
     * names a group or a pricing, and one more where the company has defined custom fields.
     * @throws Problem `validation`, `pricing-missing`, `email-taken`, `username-taken`, `number-taken`, `id-number-taken`
     */
    async create(principal: Principal, input: ClientInput, commit: Commit<ClientProfile>): Promise<ClientProfile> {
      const { companyId, clientsModule } = principal;
      const created = await newClient(principal, input);
      const required = clientsModule.requiredFields;
      const pricingRequired = required.includes('pricingId');
      const others = required.filter((field) => field !== 'pricingId');
      const faults = [
        ...repeated(input.contacts),
        ...unsendableWelcome(input),
        ...missingFields(others, created),
        ...(await customFieldFaults(principal, {
          values: input.customFields,
          contacts: input.contacts.map(({ customFields }) => customFields),
        })),
      ];
      if (faults.length > 0) throw invalid(...faults);
      const { groupId, pricingId } = created.client;
      await clients.checkReferences(companyId, { groupId, pricingId, pricingRequired });
      if (input.number === null) return createNumbered(principal, created, commit);
      const profile = profileOf(created);
      await commit(clients.writesToCreate(companyId, created, authorOf(principal)), profile);
      return profile;
    },

    /** The profile: client, contacts and balances. One call. @throws Problem `not-found` */
    async profile(principal: Principal, id: ClientId): Promise<ClientProfile> {
      const found = await clients.profile(principal.companyId, id);
      if (!found) throw new Problem('not-found');
      return profileOf(found);
    },

    /**
     * Applies a merge patch to the client's own fields; its contacts stay as they are. Two calls, one more where group or
     * pricing change, and one more where custom fields do and the company has defined some.
     */
    async patch(
      principal: Principal,
      id: ClientId,
      patch: ClientPatch,
      ifMatch: readonly number[] | undefined,
    ): Promise<ClientProfile> {
      return change(principal, 'client.updated', id, ifMatch, commitChange, async ({ client, contacts }) => {
        const after = await patched(principal, client, contacts, patch, now());
        if (patch.customFields !== undefined) {
          const check = { values: after.customFields, before: client.customFields };
          const faults = await customFieldFaults(principal, check);
          if (faults.length > 0) throw invalid(...faults);
        }
        if (after.groupId !== client.groupId || after.pricingId !== client.pricingId)
          await clients.checkReferences(principal.companyId, {
            groupId: after.groupId,
            pricingId: after.pricingId === client.pricingId ? null : after.pricingId,
            pricingRequired: false,
          });
        return after;
      });
    },

    /** Takes the client out of the lists. Nothing changes on one that is archived already. */
    archive(principal: Principal, id: ClientId, ifMatch: readonly number[] | undefined, commit: Commit<ClientProfile>) {
      return change(principal, 'client.archived', id, ifMatch, commit, ({ client }) => ({
        ...client,
        archivedAt: client.archivedAt ?? now(),
      }));
    },

    /** Brings an archived client back. */
    restore(principal: Principal, id: ClientId, ifMatch: readonly number[] | undefined, commit: Commit<ClientProfile>) {
      return change(principal, 'client.restored', id, ifMatch, commit, ({ client }) => ({
        ...client,
        archivedAt: null,
      }));
    },
  };
}

export type ClientService = ReturnType<typeof clientService>;

async function patched(
  principal: Principal,
  client: StoredClient,
  contacts: readonly StoredContact[],
  patch: ClientPatch,
  at: string,
): Promise<StoredClient> {
  const fields = Object.keys(ClientChange.shape);
  const present = Object.fromEntries(Object.entries(client).filter(([name]) => fields.includes(name)));
  const merged = mergePatch(present, patch);
  const wanted = validated(ClientChange, { groupId: generalGroupId(principal.companyId), ...Object(merged) });
  const after: StoredClient = {
    ...client,
    ...wanted,
    phones: await phonesOf(principal, client, wanted),
    shippingAddress: shippingOf(wanted.shippingAddress, wanted.billingAddress),
    marketingOptIn: optInOf(
      wanted.marketingOptIn,
      patch.marketingOptIn === undefined ? null : client.marketingOptIn,
      at,
    ),
    displayName: displayName(wanted.name, contacts),
  };
  if (after.displayName === '')
    throw invalid({ pointer: '/name', code: 'required', detail: 'A client without contacts needs a name.' });
  const lost = lostFields(principal.clientsModule.requiredFields, { client, contacts }, { client: after, contacts });
  if (lost.length > 0) throw invalid(...lost);
  return after;
}

/** The phones with their E.164 numbers: read anew where they or the country that they are read for changed. */
async function phonesOf(principal: Principal, before: StoredClient, wanted: ClientChange): Promise<Phone[]> {
  const countryOf = ({ billingAddress }: Pick<ClientChange, 'billingAddress'>) =>
    billingAddress?.country ?? principal.country;
  const same = isDeepStrictEqual(wanted.phones, before.phones) && countryOf(wanted) === countryOf(before);
  return same ? before.phones : withE164(wanted.phones, countryOf(wanted));
}

function shippingOf(shipping: ClientInput['shippingAddress'], billing: Address | null): Address | null {
  return shipping === 'copy-billing' ? billing : shipping;
}

/** Consent as it is stored: a change of it happens now, unless the caller says when it did. */
function optInOf(
  input: ClientInput['marketingOptIn'],
  before: StoredClient['marketingOptIn'],
  at: string,
): StoredClient['marketingOptIn'] {
  if (input === null) return null;
  const given = typeof input === 'boolean' ? { granted: input } : input;
  const changed = before !== null && before.granted !== given.granted && given.at === before.at;
  return { granted: given.granted, at: changed ? at : (given.at ?? at), how: given.how ?? 'api' };
}

function unsendableWelcome({ sendWelcomeEmail, contacts, status }: ClientInput): InputFault[] {
  if (!sendWelcomeEmail) return [];
  const pointer = '/sendWelcomeEmail';
  const primary = contacts.find(({ isPrimary }) => isPrimary) ?? contacts[0];
  if (!primary?.email) return [{ pointer, code: 'no-address', detail: 'The primary contact has no e-mail address.' }];
  return status === 'active'
    ? []
    : [{ pointer, code: 'not-allowed', detail: 'The portal is closed for a client that is not active.' }];
}
