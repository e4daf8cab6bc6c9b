import * as z from 'zod';
import { Group, GroupInput, GroupPatch, GroupReport } from '../../lib/groups/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { GroupId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf, searchQuery } from '../../lib/shared/lists.ts';

const groupParams = z.strictObject({ groupId: GroupId });
const reader = { role: 'viewer', module: 'clients' } as const;
const writer = { role: 'admin', module: 'clients' } as const;

/** Groups of clients, with the settings that each group sets. */
export const groups = contract({
  createGroup: {
    method: 'POST',
    path: '/v1/groups',
    tag: 'Groups',
    summary: 'Create a group',
    description: 'Names that differ only in case are one name, and a company has it once.',
    access: writer,
    body: GroupInput,
    examples: [{ body: { name: 'Key accounts', settings: { paymentTermsDays: 14 } } }],
    reply: { status: 201, description: 'The group.', schema: Group, location: true },
    versioned: true,
    problems: ['group-name-taken', 'write-conflict'],
  },
  listGroups: {
    method: 'GET',
    path: '/v1/groups',
    tag: 'Groups',
    summary: 'List the groups',
    description: 'Every company has the group General, which comes first. `q` searches the names.',
    access: reader,
    query: z.strictObject({ ...listQuery, ...searchQuery }),
    reply: { status: 200, description: 'A page of groups. General comes first.', schema: pageOf('GroupPage', Group) },
    problems: ['bad-cursor'],
  },
  reportGroups: {
    method: 'GET',
    path: '/v1/groups/report',
    tag: 'Groups',
    summary: 'Rank the groups by number of clients',
    description: 'The numbers are eventually consistent: a change of a client is counted within seconds.',
    access: reader,
    reply: { status: 200, description: 'All groups. The one with the most clients comes first.', schema: GroupReport },
    problems: [],
  },
  getGroup: {
    method: 'GET',
    path: '/v1/groups/{groupId}',
    tag: 'Groups',
    summary: 'Read a group',
    description:
      'For a group that is being deleted, `deletion` shows the progress. When the deletion is complete, the reply is 404.',
    access: reader,
    params: groupParams,
    reply: { status: 200, description: 'The group.', schema: Group },
    versioned: true,
    problems: ['not-found'],
  },
  changeGroup: {
    method: 'PATCH',
    path: '/v1/groups/{groupId}',
    tag: 'Groups',
    summary: 'Change the name or settings of a group',
    description:
      'JSON merge patch (RFC 7396). A setting applies at once to all clients of the group that do not set it themselves. Null removes it, so that the setting of the company applies.',
    access: writer,
    params: groupParams,
    body: GroupPatch,
    examples: [{ body: { settings: { paymentTermsDays: 21, sendReminders: true } } }],
    reply: { status: 200, description: 'The group.', schema: Group },
    versioned: true,
    problems: ['not-found', 'group-deleting', 'group-name-taken', 'stale-version', 'write-conflict'],
  },
  deleteGroup: {
    method: 'DELETE',
    path: '/v1/groups/{groupId}',
    tag: 'Groups',
    summary: 'Delete a group',
    description:
      'The group accepts no more clients. Its clients get the settings of the group General at once and move there in the background. Read the group to see the progress.',
    access: writer,
    params: groupParams,
    reply: { status: 202, description: 'The group, with the progress of its deletion.', schema: Group },
    versioned: true,
    problems: ['not-found', 'group-protected', 'stale-version', 'write-conflict'],
  },
});
