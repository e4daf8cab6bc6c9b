import * as z from 'zod';
import { LinkedClient, LinkedClientProfile, LinkedUser } from '../../lib/clients/user-links/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ClientId, UserId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const linkParams = z.strictObject({ clientId: ClientId, userId: UserId });
const ClientPage = pageOf('LinkedClientPage', LinkedClient);

/** Which users may act for which clients. */
export const clientUsers = contract({
  linkUser: {
    method: 'PUT',
    path: '/v1/clients/{clientId}/users/{userId}',
    tag: 'Linked users',
    summary: 'Link a user to a client',
    description: 'Allows the user to act for the client. Linking a linked user again changes nothing.',
    access: { role: 'editor', module: 'clients' },
    params: linkParams,
    reply: { status: 200, description: 'The linked user.', schema: LinkedUser },
    problems: ['not-found', 'too-many-users', 'write-conflict'],
  },
  unlinkUser: {
    method: 'DELETE',
    path: '/v1/clients/{clientId}/users/{userId}',
    tag: 'Linked users',
    summary: 'Unlink a user from a client',
    description: 'The user can no longer act for the client. Unlinking a user who is not linked is answered 404.',
    access: { role: 'editor', module: 'clients' },
    params: linkParams,
    reply: { status: 204, description: 'The user is no longer linked.' },
    problems: ['not-found', 'write-conflict'],
  },
  listClientUsers: {
    method: 'GET',
    path: '/v1/clients/{clientId}/users',
    tag: 'Linked users',
    summary: 'List the users of a client',
    description: 'The users of the company who may act for the client.',
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
    description: 'The clients that the user may act for.',
    access: { role: 'viewer', module: 'clients' },
    params: z.strictObject({ userId: UserId }),
    query: z.strictObject(listQuery),
    reply: {
      status: 200,
      description: 'A page of clients, including archived ones, oldest first.',
      schema: ClientPage,
    },
    problems: ['not-found', 'bad-cursor'],
  },
  listMyClients: {
    method: 'GET',
    path: '/v1/me/clients',
    tag: 'Linked users',
    summary: 'List the clients that the caller may act for',
    description:
      'Open to every role, even below the minimum role of the module: these are the only clients that the role `user` sees. The list of an API token is empty, because it belongs to no user.',
    access: { role: 'user', module: 'clients', belowModuleRole: true },
    query: z.strictObject(listQuery),
    reply: {
      status: 200,
      description: 'A page of clients, including archived ones, oldest first.',
      schema: ClientPage,
    },
    problems: ['bad-cursor'],
  },
  getMyClient: {
    method: 'GET',
    path: '/v1/me/clients/{clientId}',
    tag: 'Linked users',
    summary: 'Read a client that the caller may act for',
    description:
      'A reduced profile: names, numbers, addresses, delivery, pricing, and the effective currency and language. Open to every role, even below the minimum role of the module, but only for clients that the caller is linked to. An API token belongs to no user, so for it every client is missing.',
    access: { role: 'user', module: 'clients', belowModuleRole: true },
    params: z.strictObject({ clientId: ClientId }),
    reply: { status: 200, description: 'The reduced profile.', schema: LinkedClientProfile },
    problems: ['not-found'],
  },
});
