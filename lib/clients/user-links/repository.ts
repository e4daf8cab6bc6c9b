import { type User, userEntity } from '../../accounts/schema.ts';
import { groupEntity } from '../../groups/schema.ts';
import { type LevelSettings, settingsEntity } from '../../settings/schema.ts';
import { Problem } from '../../shared/errors.ts';
import { type ClientId, type CompanyId, generalGroupId, type UserId } from '../../shared/ids.ts';
import type { Item, Table } from '../../table/client.ts';
import { asItem, readItem } from '../../table/entity.ts';
import { type Key, keys, ranges } from '../../table/keys.ts';
import { getItem, getItems, type Position, queryPage } from '../../table/query.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { clientEntity, type StoredClient } from '../schema.ts';
import { linkEntity, type StoredLink } from './schema.ts';

/** The most keys of one BatchGetItem. */
const BATCH_SIZE = 100;

/** A client with the settings of its group and its company, from which its effective settings follow. */
export interface ClientInCascade {
  client: StoredClient;
  group: LevelSettings;
  company: LevelSettings;
}

/** Links between users and clients. Each link is stored on both sides, so that either can be listed. */
export function linkRepository(table: Table) {
  const on = writes(table.name);

  async function getManyItems(all: readonly Key[]): Promise<(Item | undefined)[]> {
    const items: (Item | undefined)[] = [];
    for (let start = 0; start < all.length; start += BATCH_SIZE)
      items.push(...(await getItems(table, all.slice(start, start + BATCH_SIZE))));
    return items;
  }

  async function getUser(company: CompanyId, id: UserId): Promise<User | undefined> {
    const [item] = await getItems(table, [keys.user(company, id)]);
    return item && readItem(userEntity, item);
  }

  async function hasClient(company: CompanyId, id: ClientId): Promise<boolean> {
    const [item] = await getItems(table, [keys.client(company, id)]);
    return item !== undefined;
  }

  return {
    /** Client, user and the link between them, each undefined if it does not exist. One call, strongly consistent. */
    async state(company: CompanyId, clientId: ClientId, userId: UserId) {
      const itemKeys = [
        keys.client(company, clientId),
        keys.user(company, userId),
        keys.userOfClient(company, clientId, userId),
      ];
      const [client, user, link] = await getItems(table, itemKeys, true);
      return {
        client: client && readItem(clientEntity, client),
        user: user && readItem(userEntity, user),
        link: link && readItem(linkEntity, link),
      };
    },

    /** The writes that create a link, for the transaction that writes the client. */
    writesToLink(company: CompanyId, link: StoredLink): Write[] {
      const { clientId, userId } = link;
      const item = asItem(linkEntity, link);
      const conflict = () => new Problem('stale-version');
      return [
        on.create(keys.clientOfUser(company, userId, clientId), item, conflict),
        on.create(keys.userOfClient(company, clientId, userId), item, conflict),
        on.exists(keys.user(company, userId), () => new Problem('not-found')),
      ];
    },

    /** The writes that remove a link, for the transaction that writes the client. */
    writesToUnlink: (company: CompanyId, clientId: ClientId, userId: UserId): Write[] => [
      on.remove(keys.clientOfUser(company, userId, clientId)),
      on.remove(keys.userOfClient(company, clientId, userId)),
    ],

    /**
     * A page of a client's users, each with the time it was linked. Two calls: the links, and the users.
     * @throws Problem `not-found`
     */
    async users(company: CompanyId, clientId: ClientId, limit: number, after: Position | undefined) {
      const range = ranges.usersOfClient(company, clientId);
      const page = await queryPage(table, { range, limit, after, consistent: true });
      if (page.items.length === 0 && !after && !(await hasClient(company, clientId))) throw new Problem('not-found');
      const links = page.items.map((item) => readItem(linkEntity, item));
      const items = await getManyItems(links.map(({ userId }) => keys.user(company, userId)));
      const users = links.flatMap(({ linkedAt }, index) => {
        const item = items[index];
        return item ? [{ ...readItem(userEntity, item), linkedAt }] : [];
      });
      return { users, next: page.next };
    },

    /**
     * A client with the settings of group and company, if it exists and the user is linked to it. One call, and another
     * one if its group is not General.
     */
    async linkedClient(company: CompanyId, userId: UserId, clientId: ClientId): Promise<ClientInCascade | undefined> {
      const general = generalGroupId(company);
      const [link, client, settings, generalItem] = await getItems(table, [
        keys.clientOfUser(company, userId, clientId),
        keys.client(company, clientId),
        keys.settings(company),
        keys.group(company, general),
      ]);
      if (!link || !client) return undefined;
      const stored = readItem(clientEntity, client);
      const own = stored.groupId === general ? undefined : await getItem(table, keys.group(company, stored.groupId));
      const levels = levelsOf([own, generalItem]);
      return {
        client: stored,
        group: levels.get(stored.groupId) ?? levels.get(general) ?? {},
        company: settings ? readItem(settingsEntity, settings).settings : {},
      };
    },

    /**
     * A page of a user's clients with the settings of group and company. Three calls: the links, the clients, and their
     * groups with the company's settings. One more for each further hundred clients.
     * @throws Problem `not-found`
     */
    async clients(company: CompanyId, userId: UserId, limit: number, after: Position | undefined) {
      const range = ranges.clientsOfUser(company, userId);
      const page = await queryPage(table, { range, limit, after, consistent: true });
      if (page.items.length === 0) {
        if (!after && !(await getUser(company, userId))) throw new Problem('not-found');
        return { clients: [], next: undefined };
      }
      const links = page.items.map((item) => readItem(linkEntity, item));
      const items = await getManyItems(links.map(({ clientId }) => keys.client(company, clientId)));
      const clients = items.flatMap((item) => (item ? [readItem(clientEntity, item)] : []));
      const general = generalGroupId(company);
      const groupIds = [...new Set([general, ...clients.map(({ groupId }) => groupId)])];
      const [settings, ...groups] = await getManyItems([
        keys.settings(company),
        ...groupIds.map((groupId) => keys.group(company, groupId)),
      ]);
      const levels = levelsOf(groups);
      const companySettings = settings ? readItem(settingsEntity, settings).settings : {};
      return {
        clients: clients.map(
          (client): ClientInCascade => ({
            client,
            group: levels.get(client.groupId) ?? levels.get(general) ?? {},
            company: companySettings,
          }),
        ),
        next: page.next,
      };
    },
  };
}

/** The settings of groups by their ids, without groups that are being deleted: their clients have those of General already. */
function levelsOf(groups: readonly (Item | undefined)[]): Map<string, LevelSettings> {
  return new Map(
    groups.flatMap((item) => {
      const group = item && readItem(groupEntity, item);
      return group?.status === 'active' ? [[group.id, group.settings] as const] : [];
    }),
  );
}

export type LinkRepository = ReturnType<typeof linkRepository>;
