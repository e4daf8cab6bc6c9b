import { isDeepStrictEqual } from 'node:util';
import type { ClientAct } from '../activity/client-activity.ts';
import { authorOf } from '../activity/schema.ts';
import { assertCurrencyStays } from '../shared/currency-lock.ts';
import { withShownClientFields, withShownContactFields } from '../shared/custom-field-shapes.ts';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import { ClientId, ContactId, generalGroupId, mintId, mintInOrder } from '../shared/ids.ts';
import { isPortalOpen } from '../shared/portal-access.ts';
import type { Principal } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import type { Commit, Write } from '../table/transaction.ts';
import type { AccountInput } from './account-schema.ts';
import { withLock } from './contacts/lock.ts';
import type { NewAccounts } from './contacts/new-account.ts';
import { newContact, primaryOf } from './contacts/new-contact.ts';
import { displayName } from './display-name.ts';
import { type CustomFieldFaults, clientFaults } from './faults.ts';
import { shownSettings, withoutSecondSpelling } from './one-value.ts';
import { applyPatch, resolveOptIn, resolveShippingAddress } from './patch.ts';
import { defaultFax, normalizedPhones } from './phones.ts';
import type { ClientRepository, ClientWithContacts } from './repository.ts';
import {
  ClientInput,
  type ClientPatch,
  type ClientProfile,
  type CreatedClient,
  type StoredClient,
  type StoredContact,
  type Warning,
} from './schema.ts';
import { claimVatNumber, sameVatNumber } from './vat-guard.ts';
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
  customFieldFaults: CustomFieldFaults;
  accounts: NewAccounts;
  /** Commits changes that no Idempotency-Key covers. */
  commit: Commit<unknown>;
  source: Source;
}

/** What a creation commits: the client with its contacts, their generated passwords, and the writes of their accounts. */
interface Creation extends ClientWithContacts {
  generatedPasswords: ReadonlyMap<ContactId, string>;
  accountWrites: readonly Write[];
}

/** The rules of clients: how they are created, changed, archived and restored. */
export function clientService(deps: ClientDeps) {
  const { clients, nextNumber, customFieldFaults, accounts, commit: commitChange, source } = deps;
  const faults = clientFaults({ clients, customFieldFaults });
  const now = () => source.now().toISOString();

  /** The profile as the caller sees it: a lock while it lasts, custom values as far as the present definitions fit them. */
  function toProfile(principal: Principal, { client, contacts }: ClientWithContacts): ClientProfile {
    return {
      ...withShownClientFields(principal, client),
      ...withoutSecondSpelling(client),
      settings: shownSettings(client),
      defaultFax: defaultFax(client.phones),
      contacts: contacts.map((contact) => withShownContactFields(principal, withLock(contact, source.now()))),
      warnings: warningsOf(client),
    };
  }

  function toCreated(principal: Principal, { generatedPasswords, ...created }: Creation): CreatedClient {
    const profile = toProfile(principal, created);
    const contacts = profile.contacts.map((contact) => {
      const generatedPassword = generatedPasswords.get(contact.id);
      return generatedPassword === undefined ? contact : { ...contact, generatedPassword };
    });
    return { ...profile, contacts };
  }

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

  /** Opens the accounts that the contacts are to get, one after the other. */
  async function openAccounts(
    principal: Principal,
    { client, contacts }: ClientWithContacts,
    input: ClientInput,
  ): Promise<Creation> {
    const generatedPasswords = new Map<ContactId, string>();
    const accountWrites: Write[] = [];
    const opened: StoredContact[] = [];
    for (const [index, contact] of contacts.entries()) {
      const account = input.contacts[index]?.account ?? welcomeOf(contact, input);
      const result = account ? await accounts.open(principal, contact, account) : { contact, writes: [] };
      opened.push(result.contact);
      accountWrites.push(...result.writes);
      if ('generatedPassword' in result && result.generatedPassword !== undefined)
        generatedPasswords.set(contact.id, result.generatedPassword);
    }
    return { client, contacts: opened, generatedPasswords, accountWrites };
  }

  async function newClient(principal: Principal, input: ClientInput): Promise<ClientWithContacts> {
    const id = mintId(ClientId, 'cli', source);
    const at = now();
    const { contacts: _contacts, sendWelcomeEmail: _sendWelcomeEmail, ...fields } = input;
    const country = input.billingAddress?.country ?? principal.country;
    const contacts = await newContacts(id, input, country, at);
    const client: StoredClient = {
      ...fields,
      ...withoutSecondSpelling(input),
      id,
      number: input.number ?? '',
      groupId: input.groupId ?? generalGroupId(principal.companyId),
      phones: await normalizedPhones(input.phones, country),
      shippingAddress: resolveShippingAddress(input.shippingAddress, input.billingAddress),
      marketingOptIn: resolveOptIn(input.marketingOptIn, null, at),
      displayName: displayName(input.name, contacts),
      primaryContact: primaryOf(contacts),
      balances: [],
      ledger: { entries: 0, lastEntryAt: null },
      accountVersion: 0,
      userIds: [],
      portalGeneration: 0,
      archivedAt: null,
      createdAt: at,
      updatedAt: at,
      version: 1,
    };
    return { client, contacts };
  }

  async function commitCreation(
    principal: Principal,
    creation: Creation,
    commit: Commit<CreatedClient>,
  ): Promise<CreatedClient> {
    return claimVatNumber(creation.client, async (client, warnings) => {
      const created = toCreated(principal, { ...creation, client });
      const result = { ...created, warnings: [...created.warnings, ...warnings] };
      const writes = clients.writesToCreate(
        principal.companyId,
        { client, contacts: creation.contacts },
        authorOf(principal),
      );
      await commit([...writes, ...creation.accountWrites], result);
      return result;
    });
  }

  async function createWithNextNumber(
    principal: Principal,
    creation: Creation,
    commit: Commit<CreatedClient>,
  ): Promise<CreatedClient> {
    const { companyId, timezone } = principal;
    const { client } = creation;
    for (let draw = 1; ; draw++) {
      const { number, skip } = await nextNumber({
        companyId,
        timezone,
        groupName: () => clients.groupName(companyId, client.groupId),
      });
      try {
        return await commitCreation(principal, { ...creation, client: { ...client, number } }, commit);
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
      if (isDeepStrictEqual(changed, present.client)) return toProfile(principal, present);
      assertCurrencyStays(present.client, changed);
      const after = {
        ...changed,
        portalGeneration: generationAfter(present.client, changed),
        updatedAt: now(),
        version: present.client.version + 1,
      };
      const act = { by: authorOf(principal), action };
      const write = async (client: StoredClient, warnings: readonly Warning[]) => {
        const shown = toProfile(principal, { client, contacts: present.contacts });
        const profile = { ...shown, warnings: [...shown.warnings, ...warnings] };
        await commit(clients.writesToReplace(companyId, present.client, client, act), profile);
        return profile;
      };
      return sameVatNumber(present.client, after) ? write(after, []) : claimVatNumber(after, write);
    });
  }

  return {
    /**
     * Creates a client with its contacts. Two calls: the number's counter and one transaction. One more if the client
     * has a group or a pricing, one more if the company has defined custom fields, and three more for a welcome mail.
     * Three more for the mail of each account, and the time of a hash for each password.
     * @throws Problem `validation`, `pricing-missing`, `email-taken`, `username-taken`, `number-taken`, `id-number-taken`,
     *   `email-not-verified`, `too-many-mails`
     */
    async create(principal: Principal, input: ClientInput, commit: Commit<CreatedClient>): Promise<CreatedClient> {
      const plain = await newClient(principal, input);
      const found = await faults.ofCreation(principal, input, plain);
      if (found.length > 0) throw refusalOf([...found, ...(await clients.takenFaults(principal.companyId, plain))]);
      const creation = await openAccounts(principal, plain, input);
      return input.number === null
        ? createWithNextNumber(principal, creation, commit)
        : commitCreation(principal, creation, commit);
    },

    /**
     * What a creation would refuse about the right fields of a partly wrong input. Up to four calls; nothing is written.
     */
    async faultsOfCreation(principal: Principal, fields: Partial<ClientInput>): Promise<InputFault[]> {
      const input = { ...ClientInput.parse({ name: 'unnamed' }), name: null, ...fields };
      const client = await newClient(principal, input);
      const found = await faults.ofCreation(principal, input, client);
      return [...found, ...(await clients.takenFaults(principal.companyId, client))];
    },

    /** The profile: client, contacts and balances. One call. @throws Problem `not-found` */
    async profile(principal: Principal, id: ClientId): Promise<ClientProfile> {
      const client = await clients.profile(principal.companyId, id);
      if (!client) throw new Problem('not-found');
      return toProfile(principal, client);
    },

    /**
     * Applies a merge patch, or the one that follows from the client, to the client's own fields, never to its contacts.
     * Two calls. One more if group or pricing change, and one more if custom fields change and the company has defined
     * some.
     */
    async patch(
      principal: Principal,
      id: ClientId,
      requested: ClientPatch | ((present: StoredClient) => ClientPatch),
      ifMatch: readonly number[] | undefined,
    ): Promise<ClientProfile> {
      return change(principal, 'client.updated', id, ifMatch, commitChange, async ({ client, contacts }) => {
        const patch = typeof requested === 'function' ? requested(client) : requested;
        const after = await applyPatch(principal, client, contacts, patch, now());
        const found = await faults.ofChange(principal, { client, contacts }, after, patch);
        if (found.length > 0)
          throw invalid(...found, ...(await clients.takenFaults(principal.companyId, { client: after, contacts: [] })));
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
        ...(await faults.ofChange(principal, present, after, patch)),
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

/** The invitation that `sendWelcomeEmail` gives the primary contact. */
function welcomeOf({ isPrimary }: StoredContact, { sendWelcomeEmail }: ClientInput): AccountInput | undefined {
  return sendWelcomeEmail && isPrimary ? { invite: true } : undefined;
}

const isNumberTaken = ({ pointer, code }: InputFault) => pointer === '/number' && code === 'taken';

/** A missing pricing is a problem of its own, which says what to do, unless there is more to mend. */
function refusalOf(faults: readonly InputFault[]): Problem {
  const isPricing = faults.every(({ code }) => code === 'pricing-missing');
  return isPricing ? new Problem('pricing-missing', { errors: faults }) : invalid(...faults);
}
