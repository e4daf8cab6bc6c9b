import * as z from 'zod';
import { type InputFault, Problem } from '../shared/errors.ts';
import { type CompanyId, GroupId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, type Entity, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';

/** The guard of a name: it exists exactly while an active group has the name, in whatever case. */
const groupNameEntity = { name: 'guard', version: 1, schema: z.object({ groupId: GroupId }) } satisfies Entity;

interface Named {
  id: GroupId;
  name: string;
}

/** The writes that keep the names of a company's groups apart. They join the transaction that writes the group. */
export function groupNameGuard(tableName: string) {
  const on = writes(tableName);

  /** Takes the name of a new group. It fails with `group-name-taken`. */
  const take = (company: CompanyId, { id, name }: Named): Write =>
    on.create(keys.groupName(company, name), asItem(groupNameEntity, { groupId: id }), nameTaken);

  /** Gives the name free. */
  const release = (company: CompanyId, { name }: Named): Write => on.remove(keys.groupName(company, name));

  return {
    take,
    release,
    /** The writes of another name; none if it looks like the old one. */
    rename: (company: CompanyId, before: Named, after: Named): Write[] =>
      keys.groupName(company, before.name).PK === keys.groupName(company, after.name).PK
        ? []
        : [take(company, after), release(company, before)],
  };
}

const NAME_TAKEN: InputFault = {
  pointer: '/name',
  code: 'taken',
  detail: 'Another group has this name, perhaps in another case.',
};
const nameTaken = () => new Problem('group-name-taken', { errors: [NAME_TAKEN] });

/** The fault of a name that another group than `own` has. One call; none without a name. */
export async function nameFaults(
  table: Table,
  company: CompanyId,
  name: string | undefined,
  own?: GroupId,
): Promise<InputFault[]> {
  const item = name === undefined ? undefined : await getItem(table, keys.groupName(company, name), true);
  return item && readItem(groupNameEntity, item).groupId !== own ? [NAME_TAKEN] : [];
}
