import * as z from 'zod';
import { Group, GroupInput, GroupPatch, GroupReport } from '../../lib/groups/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { GroupId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';

const one = z.strictObject({ groupId: GroupId });
const reader = { role: 'viewer', module: 'clients' } as const;
const writer = { role: 'admin', module: 'clients' } as const;

/** Groups of clients with their level of the settings. */
export const groups = contract({
  createGroup: {
    method: 'POST',
    path: '/v1/groups',
    tag: 'Groups',
    summary: 'Create a group',
    access: writer,
    body: GroupInput,
    reply: { status: 201, description: 'The group.', schema: Group, location: true },
    versioned: true,
    problems: ['write-conflict'],
  },
  listGroups: {
    method: 'GET',
    path: '/v1/groups',
    tag: 'Groups',
    summary: 'List the groups',
    access: reader,
    query: z.strictObject(listQuery),
    reply: { status: 200, description: 'A page of groups, General first.', schema: pageOf('GroupPage', Group) },
    problems: ['bad-cursor'],
  },
  reportGroups: {
    method: 'GET',
    path: '/v1/groups/report',
    tag: 'Groups',
    summary: 'Rank the groups',
    description: 'By their number of clients. A change of a client counts within a moment.',
    access: reader,
    reply: { status: 200, description: 'Every group, the one with the most clients first.', schema: GroupReport },
    problems: [],
  },
  getGroup: {
    method: 'GET',
    path: '/v1/groups/{groupId}',
    tag: 'Groups',
    summary: 'Read a group',
    description: 'Of a group that is being deleted it shows how far that is; afterwards the answer is 404.',
    access: reader,
    params: one,
    reply: { status: 200, description: 'The group.', schema: Group },
    versioned: true,
    problems: ['not-found'],
  },
  changeGroup: {
    method: 'PATCH',
    path: '/v1/groups/{groupId}',
    tag: 'Groups',
    summary: 'Change name or settings of a group',
    description:
      'JSON merge patch (RFC 7396). A setting counts for all clients of the group at once, null gives it back to the company.',
    access: writer,
    params: one,
    body: GroupPatch,
    reply: { status: 200, description: 'The group.', schema: Group },
    versioned: true,
    problems: ['not-found', 'group-deleting', 'stale-version', 'write-conflict'],
  },
  deleteGroup: {
    method: 'DELETE',
    path: '/v1/groups/{groupId}',
    tag: 'Groups',
    summary: 'Delete a group',
    description:
      'From now on it takes no clients, and those it has get the settings of General; they move there in the background. GET the group to follow.',
    access: writer,
    params: one,
    reply: { status: 202, description: 'The group with the progress of its deletion.', schema: Group },
    versioned: true,
    problems: ['not-found', 'group-protected', 'stale-version', 'write-conflict'],
  },
});
