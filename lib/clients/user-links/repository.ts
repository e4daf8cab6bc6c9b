import { type User, userEntity } from '../../accounts/schema.ts';
import { groupEntity } from '../../groups/schema.ts';
import { type LevelSettings, settingsEntity } from '../../settings/schema.ts';
import { Problem } from '../../shared/errors.ts';
import { type ClientId, type CompanyId, generalGroupId, type UserId } from '../../shared/ids.ts';
import type { Item, Table } from '../../table/client.ts';
import { asItem, readItem } from '../../table/entity.ts';
import { type Key, keys, ranges } from '../../table/keys.ts';
import { getItems, type Position, queryPage } from '../../table/query.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { clientEntity, type StoredClient } from '../schema.ts';
import { linkEntity, type StoredLink } from './schema.ts';

/** What one BatchGetItem takes. */
const KEYS_AT_ONCE = 100;

/** A client with the levels that its settings are looked up in. */
export interface ClientInCascade {
  client: StoredClient;
  group: LevelSettings;
  company: LevelSettings;
}

/** Links between users and clients, kept on both sides. */
export function linkRepository(table: Table) {
  const on = writes(table.name);

  async function many(wanted: readonly Key[]): Promise<(Item | undefined)[]> {
    const found: (Item | undefined)[] = [];
    for (let start = 0; start < wanted.length; start += KEYS_AT_ONCE)
      found.push(...(await getItems(table, wanted.slice(start, start + KEYS_AT_ONCE))));
    return found;
  }

  async function user(company: CompanyId, id: UserId): Promise<User | undefined> {
    const [item] = await getItems(table, [keys.user(company, id)]);
    return item && readItem(userEntity, item);
  }

  async function hasClient(company: CompanyId, id: ClientId): Promise<boolean> {
    const [item] = await getItems(table, [keys.client(company, id)]);
    return item !== undefined;
  }

  return {
    /** Client, user and the link between them, each undefined where there is none. One call, strongly consistent. */
    async state(company: CompanyId, clientId: ClientId, userId: UserId) {
      const wanted = [
        keys.client(company, clientId),
        keys.user(company, userId),
        keys.userOfClient(company, clientId, userId),
      ];
      const [client, found, link] = await getItems(table, wanted, true);
      return {
        client: client && readItem(clientEntity, client),
        user: found && readItem(userEntity, found),
        link: link && readItem(linkEntity, link),
      };
    },

    /** The writes that link, for the transaction of the client. */
    linking(company: CompanyId, link: StoredLink): Write[] {
      const { clientId, userId } = link;
      const item = asItem(linkEntity, link);
      const overtaken = () => new Problem('stale-version');
      return [
        on.create(keys.clientOfUser(company, userId, clientId), item, overtaken),
        on.create(keys.userOfClient(company, clientId, userId), item, overtaken),
        on.exists(keys.user(company, userId), () => new Problem('not-found')),
      ];
    },

    unlinking: (company: CompanyId, clientId: ClientId, userId: UserId): Write[] => [
      on.remove(keys.clientOfUser(company, userId, clientId)),
      on.remove(keys.userOfClient(company, clientId, userId)),
    ],

    /** A page of a client's users with when they were linked. Two calls: the links, and the users as they are now. */
    async users(company: CompanyId, clientId: ClientId, limit: number, after: Position | undefined) {
      const range = ranges.usersOfClient(company, clientId);
      const page = await queryPage(table, { range, limit, after, consistent: true });
      if (page.items.length === 0 && !after && !(await hasClient(company, clientId))) throw new Problem('not-found');
      const links = page.items.map((item) => readItem(linkEntity, item));
      const found = await many(links.map(({ userId }) => keys.user(company, userId)));
      const users = links.flatMap(({ linkedAt }, index) => {
        const item = found[index];
        return item ? [{ ...readItem(userEntity, item), linkedAt }] : [];
      });
      return { users, next: page.next };
    },

    /**
     * A page of a user's clients with all that their settings follow from. Three calls: the links, the clients, their
     * groups with the company's settings; one more for each further hundred clients.
     */
    async clients(company: CompanyId, userId: UserId, limit: number, after: Position | undefined) {
      const range = ranges.clientsOfUser(company, userId);
      const page = await queryPage(table, { range, limit, after, consistent: true });
      if (page.items.length === 0) {
        if (!after && !(await user(company, userId))) throw new Problem('not-found');
        return { clients: [], next: undefined };
      }
      const links = page.items.map((item) => readItem(linkEntity, item));
      const items = await many(links.map(({ clientId }) => keys.client(company, clientId)));
      const clients = items.flatMap((item) => (item ? [readItem(clientEntity, item)] : []));
      const general = generalGroupId(company);
      const groupIds = [...new Set([general, ...clients.map(({ groupId }) => groupId)])];
      const [settings, ...groups] = await many([
        keys.settings(company),
        ...groupIds.map((groupId) => keys.group(company, groupId)),
      ]);
      const levels = new Map(
        groups.flatMap((item) => {
          const group = item && readItem(groupEntity, item);
          // The clients of a group that is being deleted have the settings of General already.
          return group?.status === 'active' ? [[group.id, group.settings] as const] : [];
        }),
      );
      const level = settings ? readItem(settingsEntity, settings).settings : {};
      return {
        clients: clients.map(
          (client): ClientInCascade => ({
            client,
            group: levels.get(client.groupId) ?? levels.get(general) ?? {},
            company: level,
          }),
        ),
        next: page.next,
      };
    },
  };
}

export type LinkRepository = ReturnType<typeof linkRepository>;
