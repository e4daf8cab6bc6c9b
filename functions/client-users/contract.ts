import * as z from 'zod';
import { LinkedClient, LinkedUser } from '../../lib/clients/user-links/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ClientId, UserId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const link = z.strictObject({ clientId: ClientId, userId: UserId });
const ClientPage = pageOf('LinkedClientPage', LinkedClient);

/** Which users may act for which clients. */
export const clientUsers = contract({
  linkUser: {
    method: 'PUT',
    path: '/v1/clients/{clientId}/users/{userId}',
    tag: 'Linked users',
    summary: 'Link a user to a client',
    description: 'The user may then act for the client. Nothing changes where it is linked already.',
    access: { role: 'editor', module: 'clients' },
    params: link,
    reply: { status: 200, description: 'The linked user.', schema: LinkedUser },
    problems: ['not-found', 'too-many-users', 'write-conflict'],
  },
  unlinkUser: {
    method: 'DELETE',
    path: '/v1/clients/{clientId}/users/{userId}',
    tag: 'Linked users',
    summary: 'Take a user from a client',
    access: { role: 'editor', module: 'clients' },
    params: link,
    reply: { status: 204, description: 'The user is no longer linked.' },
    problems: ['not-found', 'write-conflict'],
  },
  listClientUsers: {
    method: 'GET',
    path: '/v1/clients/{clientId}/users',
    tag: 'Linked users',
    summary: 'List the users of a client',
    access: { role: 'viewer', module: 'clients' },
    params: z.strictObject({ clientId: ClientId }),
    query: z.strictObject(listQuery),
    reply: { status: 200, description: 'A page of users, oldest first.', schema: pageOf('LinkedUserPage', LinkedUser) },
    problems: ['not-found', 'bad-cursor'],
  },
  listUserClients: {
    method: 'GET',
    path: '/v1/users/{userId}/clients',
    tag: 'Linked users',
    summary: 'List the clients of a user',
    access: { role: 'viewer', module: 'clients' },
    params: z.strictObject({ userId: UserId }),
    query: z.strictObject(listQuery),
    reply: { status: 200, description: 'A page of clients, oldest first; archived ones too.', schema: ClientPage },
    problems: ['not-found', 'bad-cursor'],
  },
  listMyClients: {
    method: 'GET',
    path: '/v1/me/clients',
    tag: 'Linked users',
    summary: 'List the clients that the caller may act for',
    description:
      'For every role, whatever the minimum role of the module: it is all that a `user` sees of clients. An API token has none.',
    access: { role: 'user', module: 'clients', belowModuleRole: true },
    query: z.strictObject(listQuery),
    reply: { status: 200, description: 'A page of clients, oldest first; archived ones too.', schema: ClientPage },
    problems: ['bad-cursor'],
  },
});
