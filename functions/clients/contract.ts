import * as z from 'zod';
import { ActivityEntry } from '../../lib/activity/schema.ts';
import { setsPasswords } from '../../lib/clients/account-schema.ts';
import { ClientOverview } from '../../lib/clients/overview.ts';
import { ClientInput, ClientPatch, ClientProfile, CreatedClient } from '../../lib/clients/schema.ts';
import { LinkedUser } from '../../lib/clients/user-links/schema.ts';
import { Document } from '../../lib/documents/schema.ts';
import { contract, type Route } from '../../lib/http/contract.ts';
import { ClientSort, clientFilters } from '../../lib/search/query.ts';
import { ClientListRow, ListedTag } from '../../lib/search/schema.ts';
import { ClientId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf, searchText } from '../../lib/shared/lists.ts';

const clientParams = z.strictObject({ clientId: ClientId });

const ProfileWithIncluded = ClientProfile.extend({
  documents: z.array(Document).optional().describe('The newest documents, up to 50. Present if `include` names them.'),
  users: z.array(LinkedUser).optional().describe('The first linked users, up to 50. Present if `include` names them.'),
  activity: z
    .array(ActivityEntry)
    .optional()
    .describe('The newest entries of the activity, up to 50. Present if `include` names it.'),
}).meta({ id: 'ClientProfileWithIncluded' });

const INCLUDABLE = 'activity|documents|users';
const Included = z
  .string()
  .max(100, { abort: true })
  .regex(new RegExp(`^(?:${INCLUDABLE})(?:,(?:${INCLUDABLE}))*$`), `must be a comma-separated list of ${INCLUDABLE}`)
  .meta({ examples: ['documents,users'] });

const archiving = {
  method: 'POST',
  tag: 'Clients',
  access: { role: 'editor', module: 'clients' },
  params: clientParams,
  body: z.strictObject({}),
  bodyOptional: true,
  reply: { status: 200, description: 'The profile.', schema: ClientProfile },
  versioned: true,
  problems: ['not-found', 'stale-version', 'write-conflict'],
} as const satisfies Partial<Route>;

/** Clients with their contacts. */
export const clients = contract({
  createClient: {
    method: 'POST',
    path: '/v1/clients',
    tag: 'Clients',
    summary: 'Create a client',
    description:
      'Creates the client with all of its contacts, or nothing. Without a number, the client gets the next one of the pattern in the settings. Two contacts of a company cannot have the same e-mail address or the same username. A contact with `account` gets access to the portal at once. An Idempotency-Key is ignored if a contact gets a password: a repetition is then refused with `email-taken` or `username-taken`.',
    access: { role: 'editor', module: 'clients' },
    body: ClientInput,
    examples: [
      {
        title: 'A company with a contact',
        body: { name: 'Harbour Bakery', contacts: [{ firstName: 'Ada', lastName: 'Byron' }] },
      },
      {
        title: 'A client with all that an invoice needs',
        body: {
          type: 'company',
          name: 'Atelier Quai',
          vatNumber: 'FR40303265045',
          contacts: [{ firstName: 'Zoé', lastName: 'Marin', email: 'zoe@quai.example', phone: '+33 1 70 18 99 10' }],
          phones: [{ kind: 'phone', location: 'work', number: '+33 1 70 18 99 00' }],
          billingAddress: { line1: '12 quai de Valmy', city: 'Paris', postalCode: '75010', country: 'FR' },
          shippingAddress: 'copy-billing',
          settings: { language: 'fr', paymentTermsDays: 14 },
          tags: ['design'],
          metadata: { crm: '42' },
        },
      },
      { title: 'A person', body: { type: 'person', contacts: [{ firstName: 'Niamh', lastName: 'Walsh' }] } },
    ],
    reply: { status: 201, description: 'The profile.', schema: CreatedClient, location: true },
    carriesCredential: setsPasswords,
    versioned: true,
    problems: [
      'email-taken',
      'username-taken',
      'number-taken',
      'id-number-taken',
      'numbers-exhausted',
      'pricing-missing',
      'email-not-verified',
      'too-many-mails',
      'write-conflict',
    ],
  },
  listClients: {
    method: 'GET',
    path: '/v1/clients',
    tag: 'Clients',
    summary: 'List the clients',
    description:
      'A client must match all given filters. Archived clients are left out unless `archived` asks for them. `q` searches names, contact names, e-mail addresses, numbers (with or without leading zeros), VAT numbers (with or without the prefix), phone numbers (from any written group of digits on), streets, postal codes, cities, tags, industries and custom fields: each of its words must be the beginning of a word of the client, regardless of case and accents. `ö` and `oe` are alike, and so are the other umlauts; Chinese, Japanese and Korean text is found by any part of at least two characters. `number`, `idNumber`, `email`, `vatNumber`, `phone` and `metadata[key]` find whole values. The list shows a change within a moment; filters and search show it within two seconds; `number`, `idNumber` and `email` show it at once.',
    access: { role: 'viewer', module: 'clients' },
    query: z.strictObject({
      ...listQuery,
      ...clientFilters,
      q: searchText
        .optional()
        .describe(
          'The words to search for. The best match comes first, so neither `q` nor a look-up of `vatNumber`, `phone` or `metadata` can be combined with `sort`.',
        ),
      sort: ClientSort.optional().describe(
        'The order of the list; a leading `-` reverses it. The default is `name`. Numbers sort by their value: `C9` comes before `C10`.',
      ),
    }),
    examples: [
      { query: { q: 'harb ada' } },
      { query: { tag: 'studio', country: 'GB', sort: '-createdAt', limit: '20' } },
    ],
    reply: { status: 200, description: 'A page of clients.', schema: pageOf('ClientPage', ClientListRow) },
    problems: ['bad-cursor'],
  },
  listClientTags: {
    method: 'GET',
    path: '/v1/clients/tags',
    tag: 'Clients',
    summary: 'List the tags of the clients',
    description:
      'All tags of clients that are not archived, by name, with the number of clients that have each. A change of a client is counted within two seconds.',
    access: { role: 'viewer', module: 'clients' },
    query: z.strictObject(listQuery),
    reply: { status: 200, description: 'A page of tags.', schema: pageOf('ClientTagPage', ListedTag) },
    problems: ['bad-cursor'],
  },
  getClient: {
    method: 'GET',
    path: '/v1/clients/{clientId}',
    tag: 'Clients',
    summary: 'Read the profile of a client',
    description:
      'The client with its contacts and balances, in one read. A client that is read by its id is always up to date.',
    access: { role: 'viewer', module: 'clients' },
    params: clientParams,
    query: z.strictObject({
      include: Included.optional().describe(
        'Adds the first records of each kind, as a comma-separated list. They can change without a change of the ETag.',
      ),
    }),
    examples: [{ query: { include: 'documents,activity' } }],
    reply: { status: 200, description: 'The client with its contacts and balances.', schema: ProfileWithIncluded },
    versioned: true,
    problems: ['not-found'],
  },
  changeClient: {
    method: 'PATCH',
    path: '/v1/clients/{clientId}',
    tag: 'Clients',
    summary: 'Change a client',
    description: 'JSON merge patch (RFC 7396). Contacts have routes of their own.',
    access: { role: 'editor', module: 'clients' },
    params: clientParams,
    body: ClientPatch,
    examples: [{ body: { industry: 'Bakery', billingAddress: { line2: 'Unit 4' } } }],
    reply: { status: 200, description: 'The profile.', schema: ClientProfile },
    versioned: true,
    problems: ['not-found', 'stale-version', 'number-taken', 'id-number-taken', 'currency-locked', 'write-conflict'],
  },
  getClientOverview: {
    method: 'GET',
    path: '/v1/clients/{clientId}/overview',
    tag: 'Clients',
    summary: 'Read the overview of a client',
    description:
      'The balances by currency, the notes, and for each kind of record its count with the paths that list and create such records.',
    access: { role: 'viewer', module: 'clients' },
    params: clientParams,
    reply: { status: 200, description: 'The overview.', schema: ClientOverview },
    problems: ['not-found'],
  },
  archiveClient: {
    ...archiving,
    path: '/v1/clients/{clientId}/archive',
    examples: [{ body: {} }],
    summary: 'Archive a client',
    description:
      'Removes the client from the lists and keeps all its data. Archiving an archived client changes nothing.',
  },
  restoreClient: {
    ...archiving,
    path: '/v1/clients/{clientId}/restore',
    examples: [{ body: {} }],
    summary: 'Restore an archived client',
    description: 'The client is in the lists again. Restoring a client that is not archived changes nothing.',
  },
});
