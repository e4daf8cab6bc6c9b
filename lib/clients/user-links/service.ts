import type { User } from '../../accounts/schema.ts';
import { userLinked } from '../../activity/client-activity.ts';
import { authorOf } from '../../activity/schema.ts';
import type { EffectiveSettings } from '../../settings/schema.ts';
import { Problem } from '../../shared/errors.ts';
import type { ClientId, UserId } from '../../shared/ids.ts';
import type { Principal } from '../../shared/principal.ts';
import { retryOnStaleVersion } from '../../shared/retry.ts';
import type { Source } from '../../shared/source.ts';
import type { Position } from '../../table/query.ts';
import type { Commit } from '../../table/transaction.ts';
import { defaultFax } from '../phones.ts';
import type { ClientRepository } from '../repository.ts';
import { MAX_LINKED_USERS, type StoredClient } from '../schema.ts';
import type { ClientInCascade, LinkRepository } from './repository.ts';
import type { LinkedClient, LinkedClientProfile, LinkedUser } from './schema.ts';

interface LinkDeps {
  clients: Pick<ClientRepository, 'writesToReplace'>;
  links: LinkRepository;
  /** The effective settings of a client in its cascade. */
  settingsOf: (found: ClientInCascade) => Pick<EffectiveSettings, 'currency' | 'language' | 'invoiceDelivery'>;
  commit: Commit<unknown>;
  source: Source;
}

/** Which users may act for which clients. A link is stored on both sides and in the client, in one transaction. */
export function linkService({ clients, links, settingsOf, commit, source }: LinkDeps) {
  const now = () => source.now().toISOString();

  function toLinkedClient(found: ClientInCascade): LinkedClient {
    const { id, number, displayName, pricingId } = found.client;
    return { id, number, displayName, currency: settingsOf(found).currency.value, pricingId };
  }

  async function clientsOf({ companyId }: Principal, userId: UserId, limit: number, after: Position | undefined) {
    const page = await links.clients(companyId, userId, limit, after);
    return { clients: page.clients.map(toLinkedClient), next: page.next };
  }

  const withUsers = (client: StoredClient, userIds: UserId[], at: string): StoredClient => ({
    ...client,
    userIds: userIds.toSorted(),
    updatedAt: at,
    version: client.version + 1,
  });

  return {
    /**
     * Links a user to a client. Changes nothing if they are linked already. Two calls.
     * @throws Problem `not-found`, `too-many-users`
     */
    link(principal: Principal, clientId: ClientId, userId: UserId): Promise<LinkedUser> {
      const { companyId } = principal;
      return retryOnStaleVersion(undefined, async () => {
        const { client, user, link } = await links.state(companyId, clientId, userId);
        if (!client || !user) throw new Problem('not-found');
        if (link) return toLinkedUser(user, link.linkedAt);
        if (client.userIds.length >= MAX_LINKED_USERS) throw new Problem('too-many-users');
        const linkedAt = now();
        const after = withUsers(client, [...client.userIds, userId], linkedAt);
        const happened = userLinked(authorOf(principal), 'user.linked', user);
        const linked = toLinkedUser(user, linkedAt);
        const writes = links.writesToLink(companyId, { clientId, userId, linkedAt });
        await commit([...clients.writesToReplace(companyId, client, after, happened), ...writes], linked);
        return linked;
      });
    },

    /** Removes a link. Two calls. @throws Problem `not-found` if there is no such link */
    unlink(principal: Principal, clientId: ClientId, userId: UserId): Promise<void> {
      const { companyId } = principal;
      return retryOnStaleVersion(undefined, async () => {
        const { client, user, link } = await links.state(companyId, clientId, userId);
        if (!client || !link) throw new Problem('not-found');
        const others = client.userIds.filter((id) => id !== userId);
        const after = withUsers(client, others, now());
        const happened = userLinked(authorOf(principal), 'user.unlinked', user ?? { id: userId, name: userId });
        const writes = links.writesToUnlink(companyId, clientId, userId);
        await commit([...clients.writesToReplace(companyId, client, after, happened), ...writes], undefined);
      });
    },

    /** @throws Problem `not-found` */
    async usersOf({ companyId }: Principal, clientId: ClientId, limit: number, after: Position | undefined) {
      const page = await links.users(companyId, clientId, limit, after);
      return { users: page.users.map((user) => toLinkedUser(user, user.linkedAt)), next: page.next };
    },

    /** @throws Problem `not-found` */
    clientsOf,

    /** The clients that the caller may act for. An API token belongs to no user, so it has none. */
    async ownClients(principal: Principal, limit: number, after: Position | undefined) {
      if (principal.kind !== 'user') return { clients: [], next: undefined };
      return clientsOf(principal, principal.id, limit, after);
    },

    /**
     * The reduced profile of a client that the caller may act for. One call, and another one if its group is not General.
     * @throws Problem `not-found`, also for a client that the caller is not linked to
     */
    async ownClient(principal: Principal, clientId: ClientId): Promise<LinkedClientProfile> {
      const { kind, companyId, id } = principal;
      const found = kind === 'user' ? await links.linkedClient(companyId, id, clientId) : undefined;
      if (!found) throw new Problem('not-found');
      const { currency, language, invoiceDelivery } = settingsOf(found);
      return {
        ...found.client,
        defaultFax: defaultFax(found.client.phones),
        currency: currency.value,
        language: language.value,
        invoiceDelivery: invoiceDelivery.value,
      };
    },
  };
}

function toLinkedUser({ id, name, email, role, status }: User, linkedAt: string): LinkedUser {
  return { id, name, email, role, status, linkedAt };
}
