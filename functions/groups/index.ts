import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import type { Group } from '../../lib/groups/schema.ts';
import { groupService } from '../../lib/groups/service.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { groups as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const repository = groupRepository(table);
const groups = groupService(repository, source);

const shown = (group: Group) => ({ body: group, version: group.version });
const created = (group: Group) => ({ ...shown(group), location: `/v1/groups/${group.id}` });

export const handler = httpFunction(
  contract,
  {
    createGroup: async ({ principal, body, remember }) =>
      created(await groups.create(principal.companyId, body, (group) => remember(created(group)))),
    async listGroups({ principal, query, cursor }) {
      const page = await repository.list(principal.companyId, query.limit, await cursor.open(query.cursor));
      return { body: { data: page.groups, nextCursor: await cursor.seal(page.next) } };
    },
    reportGroups: async ({ principal }) => ({ body: await groups.report(principal.companyId) }),
    getGroup: async ({ principal, params }) => shown(await groups.read(principal.companyId, params.groupId)),
    changeGroup: async ({ principal, params, body, ifMatch }) =>
      shown(await groups.change(principal.companyId, params.groupId, body, ifMatch)),
    deleteGroup: async ({ principal, params, ifMatch }) =>
      shown(await groups.delete(principal.companyId, params.groupId, ifMatch)),
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);
