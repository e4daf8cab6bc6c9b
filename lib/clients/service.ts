import { isDeepStrictEqual } from 'node:util';
import type { ClientAct } from '../activity/client-activity.ts';
import { authorOf } from '../activity/schema.ts';
import type { AdmitMail } from '../mail/admission.ts';
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
  ClientInput,
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

function toProfile({ client, contacts }: ClientWithContacts): ClientProfile {
  return { ...client, contacts, balances: [], warnings: warningsOf(client) };
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

  /** What the company's rules, and its groups and pricings, say against a new client. */
  async function creationFaults(
    principal: Principal,
    input: ClientInput,
    created: ClientWithContacts,
  ): Promise<InputFault[]> {
    const required = principal.clientsModule.requiredFields;
    const otherFields = required.filter((field) => field !== 'pricingId');
    const { groupId, pricingId } = created.client;
    return [
      ...duplicateFaults(input.contacts),
      ...welcomeEmailFaults(input),
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
  }

  /** What the company's rules, and its groups and pricings, say against a change. */
  async function changeFaults(
    principal: Principal,
    { client, contacts }: ClientWithContacts,
    after: StoredClient,
    patch: ClientPatch,
  ): Promise<InputFault[]> {
    const required = principal.clientsModule.requiredFields;
    const isMoved = after.groupId !== client.groupId || after.pricingId !== client.pricingId;
    return [
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
      const profile = toProfile(created);
      try {
        await commit(clients.writesToCreate(companyId, created, authorOf(principal)), profile);
        return profile;
      } catch (error) {
        if (!(error instanceof Problem) || !error.errors?.some(isNumberTaken)) throw error;
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
      if (isDeepStrictEqual(changed, present.client)) return toProfile(present);
      const after = {
        ...changed,
        portalGeneration: generationAfter(present.client, changed),
        updatedAt: now(),
        version: present.client.version + 1,
      };
      const profile = toProfile({ client: after, contacts: present.contacts });
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
      const { companyId } = principal;
      const uninvited = await newClient(principal, input);
      const faults = await creationFaults(principal, input, uninvited);
      if (faults.length > 0) throw refusalOf([...faults, ...(await clients.takenFaults(companyId, uninvited))]);
      const created = input.sendWelcomeEmail ? await invitePrimary(principal, uninvited) : uninvited;
      if (input.number === null) return createWithNextNumber(principal, created, commit);
      const profile = toProfile(created);
      await commit(clients.writesToCreate(companyId, created, authorOf(principal)), profile);
      return profile;
    },

    /**
     * What a creation would refuse about the right fields of a partly wrong input. Up to four calls; nothing is written.
     */
    async faultsOfCreation(principal: Principal, fields: Partial<ClientInput>): Promise<InputFault[]> {
      const input = { ...ClientInput.parse({ name: 'unnamed' }), name: null, ...fields };
      const client = await newClient(principal, input);
      const faults = await creationFaults(principal, input, client);
      return [...faults, ...(await clients.takenFaults(principal.companyId, client))];
    },

    /** The profile: client, contacts and balances. One call. @throws Problem `not-found` */
    async profile(principal: Principal, id: ClientId): Promise<ClientProfile> {
      const client = await clients.profile(principal.companyId, id);
      if (!client) throw new Problem('not-found');
      return toProfile(client);
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
        const faults = await changeFaults(principal, { client, contacts }, after, patch);
        if (faults.length > 0)
          throw invalid(
            ...faults,
            ...(await clients.takenFaults(principal.companyId, { client: after, contacts: [] })),
          );
        return after;
      });
    },

    /**
     * What `patch` would refuse about the right fields of a partly wrong patch. Up to four calls; nothing is written.
     * @throws Problem `validation` if the patched client is not valid
     */
    async faultsOfPatch(principal: Principal, id: ClientId, patch: ClientPatch): Promise<InputFault[]> {
      const present = await clients.profile(principal.companyId, id);
      if (!present) return [];
      const after = await applyPatch(principal, present.client, present.contacts, patch, now());
      return [
        ...(await changeFaults(principal, present, after, patch)),
        ...(await clients.takenFaults(principal.companyId, { client: after, contacts: [] })),
      ];
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

const NAME_NEEDED: InputFault = {
  pointer: '/name',
  code: 'required',
  detail: 'A client without contacts needs a name.',
};

const isNumberTaken = ({ pointer, code }: InputFault) => pointer === '/number' && code === 'taken';

/** A missing pricing is a problem of its own, which says what to do, unless there is more to mend. */
function refusalOf(faults: readonly InputFault[]): Problem {
  const isPricing = faults.every(({ code }) => code === 'pricing-missing');
  return isPricing ? new Problem('pricing-missing', { errors: faults }) : invalid(...faults);
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
