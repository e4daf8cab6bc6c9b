import { isDeepStrictEqual } from 'node:util';
import type { ClientAct } from '../activity/client-activity.ts';
import { authorOf } from '../activity/schema.ts';
import type { AdmitMail } from '../mail/admission.ts';
import { withShownClientFields, withShownContactFields } from '../shared/custom-field-shapes.ts';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import { ClientId, ContactId, generalGroupId, mintId, mintInOrder } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import { isPortalOpen } from '../shared/portal-access.ts';
import { type Principal, requesterOf } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';
import type { Commit } from '../table/transaction.ts';
import { withInvitation } from './contacts/invitation.ts';
import { duplicateFaults, newContact, primaryOf } from './contacts/new-contact.ts';
import { displayName } from './display-name.ts';
import { withE164 } from './phones.ts';
import type { ClientRepository, ClientWithContacts } from './repository.ts';
import { missingFieldFaults, removedFieldFaults } from './required-fields.ts';
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

/** How often a creation draws a number before it gives up. After each collision the counter skips a hundred numbers. */
const MAX_DRAWS = 10;

export interface ClientDeps {
  clients: ClientRepository;
  /** Draws the next number of the company's pattern. */
  nextNumber: (request: {
    companyId: Principal['companyId'];
    timezone: string;
    groupName: () => Promise<string>;
  }) => Promise<{ number: string; skip: () => Promise<void> }>;
  /** Checks custom fields against the company's definitions. Values that equal those in `before` are not checked. */
  customFieldFaults: (
    principal: Principal,
    check: {
      values: StoredClient['customFields'];
      before?: StoredClient['customFields'];
      contacts?: readonly StoredContact['customFields'][];
    },
  ) => Promise<InputFault[]>;
  admitMail: AdmitMail;
  /** Commits changes that no Idempotency-Key covers. */
  commit: Commit<unknown>;
  source: Source;
}

function toProfile(principal: Principal, { client, contacts }: ClientWithContacts): ClientProfile {
  return {
    ...withShownClientFields(principal, client),
    contacts: contacts.map((contact) => withShownContactFields(principal, contact)),
    balances: [],
    warnings: warningsOf(client),
  };
}

/** The rules of clients: how they are created, changed, archived and restored. */
export function clientService(deps: ClientDeps) {
  const { clients, nextNumber, customFieldFaults, admitMail, commit: commitChange, source } = deps;
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

  /** Invites the primary contact to the portal, if it has an address. */
  async function invitePrimary(principal: Principal, created: ClientWithContacts): Promise<ClientWithContacts> {
    const primary = created.contacts.find(({ isPrimary }) => isPrimary);
    if (!primary?.email) return created;
    const mailId = await admitMail(principal, { address: primary.email, id: primary.id });
    const invited = withInvitation(primary, { mailId, at: created.client.createdAt, by: requesterOf(principal) });
    return { ...created, contacts: created.contacts.map((contact) => (contact === primary ? invited : contact)) };
  }

  async function newClient(principal: Principal, input: ClientInput): Promise<ClientWithContacts> {
    const id = mintId(ClientId, 'cli', source);
    const at = now();
    const { contacts: _contacts, sendWelcomeEmail: _sendWelcomeEmail, ...fields } = input;
    const country = input.billingAddress?.country ?? principal.country;
    const contacts = await newContacts(id, input, country, at);
    const client: StoredClient = {
      ...fields,
      id,
      number: input.number ?? '',
      groupId: input.groupId ?? generalGroupId(principal.companyId),
      phones: await withE164(input.phones, country),
      shippingAddress: resolveShippingAddress(input.shippingAddress, input.billingAddress),
      marketingOptIn: resolveOptIn(input.marketingOptIn, null, at),
      displayName: displayName(input.name, contacts),
      primaryContact: primaryOf(contacts),
      balances: [],
      userIds: [],
      portalGeneration: 0,
      archivedAt: null,
      createdAt: at,
      updatedAt: at,
      version: 1,
    };
    return { client, contacts };
  }

  async function createWithNextNumber(
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
      const profile = toProfile(principal, created);
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

  /** Reads, changes and writes a client. Retries when another change was faster, unless the caller named a version. */
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
      if (isDeepStrictEqual(changed, present.client)) return toProfile(principal, present);
      const after = {
        ...changed,
        portalGeneration: generationAfter(present.client, changed),
        updatedAt: now(),
        version: present.client.version + 1,
      };
      const profile = toProfile(principal, { client: after, contacts: present.contacts });
      const act = { by: authorOf(principal), action };
      await commit(clients.writesToReplace(companyId, present.client, after, act), profile);
      return profile;
    });
  }

  return {
    /**
     * Creates a client with its contacts. Two calls: the number's counter and one transaction. One more if the client
     * has a group or a pricing, one more if the company has defined custom fields, and three more for a welcome mail.
     * @throws Problem `validation`, `pricing-missing`, `email-taken`, `username-taken`, `number-taken`, `id-number-taken`,
     *   `email-not-verified`, `too-many-mails`
     */
    async create(principal: Principal, input: ClientInput, commit: Commit<ClientProfile>): Promise<ClientProfile> {
      const { companyId, clientsModule } = principal;
      const uninvited = await newClient(principal, input);
      const required = clientsModule.requiredFields;
      const pricingRequired = required.includes('pricingId');
      const otherFields = required.filter((field) => field !== 'pricingId');
      const faults = [
        ...duplicateFaults(input.contacts),
        ...welcomeEmailFaults(input),
        ...missingFieldFaults(otherFields, uninvited),
        ...(await customFieldFaults(principal, {
          values: input.customFields,
          contacts: input.contacts.map(({ customFields }) => customFields),
        })),
      ];
      if (faults.length > 0) throw invalid(...faults);
      const { groupId, pricingId } = uninvited.client;
      await clients.checkReferences(companyId, { groupId, pricingId, pricingRequired });
      const created = input.sendWelcomeEmail ? await invitePrimary(principal, uninvited) : uninvited;
      if (input.number === null) return createWithNextNumber(principal, created, commit);
      const profile = toProfile(principal, created);
      await commit(clients.writesToCreate(companyId, created, authorOf(principal)), profile);
      return profile;
    },

    /** The profile: client, contacts and balances. One call. @throws Problem `not-found` */
    async profile(principal: Principal, id: ClientId): Promise<ClientProfile> {
      const client = await clients.profile(principal.companyId, id);
      if (!client) throw new Problem('not-found');
      return toProfile(principal, client);
    },

    /**
     * Applies a merge patch to the client's own fields, never to its contacts. Two calls. One more if group or pricing
     * change, and one more if custom fields change and the company has defined some.
     */
    async patch(
      principal: Principal,
      id: ClientId,
      patch: ClientPatch,
      ifMatch: readonly number[] | undefined,
    ): Promise<ClientProfile> {
      return change(principal, 'client.updated', id, ifMatch, commitChange, async ({ client, contacts }) => {
        const after = await applyPatch(principal, client, contacts, patch, now());
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

    /** Removes the client from the lists and keeps all its data. Changes nothing if it is archived already. */
    archive(principal: Principal, id: ClientId, ifMatch: readonly number[] | undefined, commit: Commit<ClientProfile>) {
      return change(principal, 'client.archived', id, ifMatch, commit, ({ client }) => ({
        ...client,
        archivedAt: client.archivedAt ?? now(),
      }));
    },

    /** Returns an archived client to the lists. */
    restore(principal: Principal, id: ClientId, ifMatch: readonly number[] | undefined, commit: Commit<ClientProfile>) {
      return change(principal, 'client.restored', id, ifMatch, commit, ({ client }) => ({
        ...client,
        archivedAt: null,
      }));
    },
  };
}

export type ClientService = ReturnType<typeof clientService>;

/** Closing the portal ends the sessions of the client's contacts. They stay ended when it opens again. */
function generationAfter(before: StoredClient, after: StoredClient): number {
  return before.portalGeneration + (isPortalOpen(before) && !isPortalOpen(after) ? 1 : 0);
}

async function applyPatch(
  principal: Principal,
  client: StoredClient,
  contacts: readonly StoredContact[],
  patch: ClientPatch,
  at: string,
): Promise<StoredClient> {
  const fields = Object.keys(ClientChange.shape);
  const present = Object.fromEntries(Object.entries(client).filter(([name]) => fields.includes(name)));
  const merged = mergePatch(present, patch);
  const changed = validated(ClientChange, { groupId: generalGroupId(principal.companyId), ...Object(merged) });
  const after: StoredClient = {
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
  if (after.displayName === '')
    throw invalid({ pointer: '/name', code: 'required', detail: 'A client without contacts needs a name.' });
  const required = principal.clientsModule.requiredFields;
  const faults = removedFieldFaults(required, { client, contacts }, { client: after, contacts });
  if (faults.length > 0) throw invalid(...faults);
  return after;
}

/** The phones with their E.164 numbers, which are computed only if the phones or the country for them changed. */
async function updatePhones(principal: Principal, before: StoredClient, after: ClientChange): Promise<Phone[]> {
  const countryOf = ({ billingAddress }: Pick<ClientChange, 'billingAddress'>) =>
    billingAddress?.country ?? principal.country;
  const isUnchanged = isDeepStrictEqual(after.phones, before.phones) && countryOf(after) === countryOf(before);
  return isUnchanged ? before.phones : withE164(after.phones, countryOf(after));
}

function resolveShippingAddress(shipping: ClientInput['shippingAddress'], billing: Address | null): Address | null {
  return shipping === 'copy-billing' ? billing : shipping;
}

/** Consent as it is stored. The time of a change is now, unless the caller gives another one. */
function resolveOptIn(
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

function welcomeEmailFaults({ sendWelcomeEmail, contacts, status }: ClientInput): InputFault[] {
  if (!sendWelcomeEmail) return [];
  const pointer = '/sendWelcomeEmail';
  const primary = contacts.find(({ isPrimary }) => isPrimary) ?? contacts[0];
  if (!primary?.email) return [{ pointer, code: 'no-address', detail: 'The primary contact has no e-mail address.' }];
  return status === 'active'
    ? []
    : [{ pointer, code: 'not-allowed', detail: 'The portal is closed for a client that is not active.' }];
}
