import * as z from 'zod';
import { ActivityEntry } from '../../lib/activity/schema.ts';
import { ClientOverview } from '../../lib/clients/overview.ts';
import { ClientInput, ClientPatch, ClientProfile, ListedClient } from '../../lib/clients/schema.ts';
import { LinkedUser } from '../../lib/clients/user-links/schema.ts';
import { Document } from '../../lib/documents/schema.ts';
import { contract, type Route } from '../../lib/http/contract.ts';
import { ClientSort, clientFilters, searchText } from '../../lib/search/query.ts';
import { ClientId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const one = z.strictObject({ clientId: ClientId });

const ProfileWithIncluded = ClientProfile.extend({
  documents: z.array(Document).optional().describe('The newest documents; there where `include` asks for them.'),
  users: z.array(LinkedUser).optional().describe('The first linked users; there where `include` asks for them.'),
  activity: z
    .array(ActivityEntry)
    .optional()
    .describe('The newest entries of the activity; there where `include` asks for them.'),
}).meta({ id: 'ClientProfileWithIncluded' });

/** What `include` adds to the profile, in any order. */
const INCLUDABLE = 'activity|documents|users';
const Included = z
  .string()
  .regex(new RegExp(`^(?:${INCLUDABLE})(?:,(?:${INCLUDABLE}))*$`), `must be of ${INCLUDABLE}, with commas between`)
  .meta({ examples: ['documents,users'] });

const archiving = {
  method: 'POST',
  tag: 'Clients',
  access: { role: 'editor', module: 'clients' },
  params: one,
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
      'With its contacts, all or nothing. The number is generated where none is given. An e-mail address belongs to one contact of the company.',
    access: { role: 'editor', module: 'clients' },
    body: ClientInput,
    reply: { status: 201, description: 'The profile.', schema: ClientProfile, location: true },
    versioned: true,
    problems: [
      'email-taken',
      'username-taken',
      'number-taken',
      'id-number-taken',
      'numbers-exhausted',
      'pricing-missing',
      'write-conflict',
    ],
  },
  listClients: {
    method: 'GET',
    path: '/v1/clients',
    tag: 'Clients',
    summary: 'List the clients',
    description:
      'All filters narrow the list together. Archived clients are left out unless they are asked for. `q` searches names, contact names, e-mail addresses, numbers, phone digits, cities and custom fields: every word must begin a word of the client, whatever its case and accents, and the best match comes first. A change shows in the list within a moment, in filters and search within two seconds.',
    access: { role: 'viewer', module: 'clients' },
    query: z.strictObject({
      ...listQuery,
      ...clientFilters,
      q: searchText.optional().describe('What to search for. The best match comes first, so it excludes `sort`.'),
      sort: ClientSort.optional().describe(
        'With `-` descending; `name` where it is left out. Numbers sort by their value: `C9` before `C10`.',
      ),
    }),
    reply: { status: 200, description: 'A page of clients.', schema: pageOf('ClientPage', ListedClient) },
    problems: ['bad-cursor'],
  },
  getClient: {
    method: 'GET',
    path: '/v1/clients/{clientId}',
    tag: 'Clients',
    summary: 'Read the profile of a client',
    access: { role: 'viewer', module: 'clients' },
    params: one,
    query: z.strictObject({
      include: Included.optional().describe(
        'Adds the first page of each, with commas between them. What they show may change without the ETag.',
      ),
    }),
    reply: { status: 200, description: 'The client with its contacts and balances.', schema: ProfileWithIncluded },
    versioned: true,
    problems: ['not-found'],
  },
  changeClient: {
    method: 'PATCH',
    path: '/v1/clients/{clientId}',
    tag: 'Clients',
    summary: 'Change a client',
    description: 'JSON merge patch (RFC 7396). Contacts are not touched by it.',
    access: { role: 'editor', module: 'clients' },
    params: one,
    body: ClientPatch,
    reply: { status: 200, description: 'The profile.', schema: ClientProfile },
    versioned: true,
    problems: ['not-found', 'stale-version', 'number-taken', 'id-number-taken', 'write-conflict'],
  },
  getClientOverview: {
    method: 'GET',
    path: '/v1/clients/{clientId}/overview',
    tag: 'Clients',
    summary: 'Read the overview of a client',
    description:
      'Money by currency, notes, and for each kind of record how many there are, with links to read and create.',
    access: { role: 'viewer', module: 'clients' },
    params: one,
    reply: { status: 200, description: 'The overview.', schema: ClientOverview },
    problems: ['not-found'],
  },
  archiveClient: {
    ...archiving,
    path: '/v1/clients/{clientId}/archive',
    summary: 'Archive a client',
    description: 'Takes it out of the lists and keeps everything. Archiving an archived client changes nothing.',
  },
  restoreClient: {
    ...archiving,
    path: '/v1/clients/{clientId}/restore',
    summary: 'Restore an archived client',
  },
});
