import type * as z from 'zod';
import { directoryEntity } from '../directory/schema.ts';
import { mailbox } from '../email.ts';
import { Problem } from '../errors.ts';
import { groupEntity, newGroup } from '../groups/schema.ts';
import { type ApiTokenId, type CompanyId, generalGroupId, type SessionId, type UserId } from '../ids.ts';
import { numberingEntity } from '../numbers/schema.ts';
import type { ClientsModule } from '../principal.ts';
import { settingsEntity } from '../settings/schema.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import {
  deleteItem,
  getItem,
  getItems,
  type Page,
  putItem,
  queryAll,
  queryPage,
  type Table,
  transact,
  updateItem,
  type Write,
  writes,
} from '../table/table.ts';
import {
  type ApiToken,
  apiTokenEntity,
  type Company,
  companyEntity,
  loginEntity,
  type Session,
  sessionEntity,
  slugEntity,
  type User,
  userEntity,
} from './schema.ts';

export type StoredCompany = z.output<typeof companyEntity.schema>;
export type StoredApiToken = z.output<typeof apiTokenEntity.schema>;

export interface NewCompany {
  company: StoredCompany;
  owner: User;
  passwordHash: string;
  settings: z.input<typeof settingsEntity.schema>;
  numbering: z.input<typeof numberingEntity.schema>;
}

/** Companies and the accounts of their staff. */
export function accountRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** The company with its owner, settings, counter and General group; all or nothing. One call. */
    async create(
      { company, owner, passwordHash, settings, numbering }: NewCompany,
      along: readonly Write[],
    ): Promise<void> {
      const { id } = company;
      const general = generalGroupId(id);
      const { createdAt } = company;
      await transact(table, [
        on.create(
          keys.slug(company.slug),
          asItem(slugEntity, { companyId: id }),
          () =>
            new Problem('slug-taken', {
              errors: [{ pointer: '/company/slug', code: 'taken', detail: 'Another company has this slug.' }],
            }),
        ),
        on.create(keys.company(id), asItem(companyEntity, company)),
        on.create(keys.directory(id), asItem(directoryEntity, { companyId: id })),
        on.create(keys.settings(id), asItem(settingsEntity, settings)),
        on.create(keys.numbering(id), asItem(numberingEntity, numbering)),
        on.create(
          keys.group(id, general),
          asItem(groupEntity, newGroup({ id: general, name: 'General', settings: {}, createdAt })),
        ),
        on.create(keys.user(id, owner.id), asItem(userEntity, owner)),
        on.create(keys.login(id, mailbox(owner.email)), asItem(loginEntity, { userId: owner.id, passwordHash })),
        ...along,
      ]);
    },

    async companyIdOf(slug: string): Promise<CompanyId | undefined> {
      const item = await getItem(table, keys.slug(slug));
      return item && readItem(slugEntity, item).companyId;
    },

    async company(id: CompanyId): Promise<StoredCompany> {
      const item = await getItem(table, keys.company(id), true);
      if (!item) throw new Problem('not-found');
      return readItem(companyEntity, item);
    },

    /** Sets what a company says of itself, if it still has version `seen`. */
    async changeCompany({ id, name, country, version, updatedAt }: Company, seen: number): Promise<void> {
      await updateItem(
        table,
        keys.company(id),
        {
          UpdateExpression: 'SET #name = :name, country = :country, #version = :version, updatedAt = :at',
          ConditionExpression: '#version = :seen',
          ExpressionAttributeNames: { '#name': 'name', '#version': 'version' },
          ExpressionAttributeValues: {
            ':name': name,
            ':country': country,
            ':version': version,
            ':at': updatedAt,
            ':seen': seen,
          },
        },
        () => new Problem('stale-version'),
      );
    },

    async user(company: CompanyId, id: UserId): Promise<User | undefined> {
      const item = await getItem(table, keys.user(company, id), true);
      return item && readItem(userEntity, item);
    },

    /** User and company in one call. */
    async userWithCompany(company: CompanyId, id: UserId): Promise<{ user: User; company: StoredCompany } | undefined> {
      const [user, found] = await getItems(table, [keys.user(company, id), keys.company(company)]);
      return user && found && { user: readItem(userEntity, user), company: readItem(companyEntity, found) };
    },

    /** What every request of a staff session is judged by, in one call. */
    async sessionState(company: CompanyId, userId: UserId, sessionId: SessionId) {
      const [user, session, found] = await getItems(table, [
        keys.user(company, userId),
        keys.session(company, userId, sessionId),
        keys.company(company),
      ]);
      return {
        user: user && readItem(userEntity, user),
        session: session && readItem(sessionEntity, session),
        company: found && readItem(companyEntity, found),
      };
    },

    /** What every request with an API token is judged by, in one call. */
    async tokenState(company: CompanyId, id: ApiTokenId) {
      const [token, found] = await getItems(table, [keys.apiToken(company, id), keys.company(company)]);
      return { token: token && readItem(apiTokenEntity, token), company: found && readItem(companyEntity, found) };
    },

    async users(company: CompanyId, limit: number, after?: Record<string, string>): Promise<Page & { users: User[] }> {
      const page = await queryPage(table, { range: ranges.users(company), limit, after });
      return { ...page, users: page.items.map((item) => readItem(userEntity, item)) };
    },

    /** Replaces a user that still has version `seen`; `owners` moves the count of active owners along. */
    async replaceUser(company: CompanyId, user: User, seen: number, owners: -1 | 0 | 1): Promise<void> {
      const replacement = on.replace(
        keys.user(company, user.id),
        asItem(userEntity, user),
        seen,
        () => new Problem('stale-version'),
      );
      if (owners === 0) return transact(table, [replacement]);
      const keepsOne = on.update(
        keys.company(company),
        {
          UpdateExpression: 'SET owners = owners + :change',
          ConditionExpression: 'owners > :least',
          ExpressionAttributeValues: { ':change': owners, ':least': owners < 0 ? 1 : 0 },
        },
        () => new Problem('last-owner'),
      );
      await transact(table, [replacement, keepsOne]);
    },

    async login(company: CompanyId, email: string) {
      const item = await getItem(table, keys.login(company, mailbox(email)), true);
      return item && readItem(loginEntity, item);
    },

    /** Sets the password hash where the present one is still `seen`. */
    async changePassword(company: CompanyId, email: string, seen: string, passwordHash: string): Promise<void> {
      await updateItem(
        table,
        keys.login(company, mailbox(email)),
        {
          UpdateExpression: 'SET passwordHash = :next',
          ConditionExpression: 'passwordHash = :seen',
          ExpressionAttributeValues: { ':next': passwordHash, ':seen': seen },
        },
        () => new Problem('wrong-password'),
      );
    },

    async openSession(company: CompanyId, session: Session): Promise<void> {
      await putItem(table, keys.session(company, session.userId, session.id), asItem(sessionEntity, session), {
        ConditionExpression: 'attribute_not_exists(PK)',
      });
    },

    /** Moves a session on to its next refresh token, if `from` is still the good one; else answers false. */
    async rotateSession(
      company: CompanyId,
      session: Pick<Session, 'id' | 'userId'>,
      change: { from: string; to: string; ttl: number },
      along: readonly Write[],
    ): Promise<boolean> {
      const stale = new Error('the refresh token is not the present one');
      try {
        await transact(table, [
          on.update(
            keys.session(company, session.userId, session.id),
            {
              UpdateExpression: 'SET refreshHash = :to, #ttl = :ttl',
              ConditionExpression: 'refreshHash = :from',
              ExpressionAttributeNames: { '#ttl': 'ttl' },
              ExpressionAttributeValues: { ':from': change.from, ':to': change.to, ':ttl': change.ttl },
            },
            () => stale,
          ),
          ...along,
        ]);
        return true;
      } catch (error) {
        if (error === stale) return false;
        throw error;
      }
    },

    async closeSession(company: CompanyId, user: UserId, id: SessionId): Promise<void> {
      await deleteItem(table, keys.session(company, user, id));
    },

    /** Ends all sessions of a user but one. A call to list and one for each. */
    async closeSessions(company: CompanyId, user: UserId, but?: SessionId): Promise<void> {
      const items = await queryAll(table, ranges.sessions(company, user));
      const open = items.map((item) => readItem(sessionEntity, item)).filter(({ id }) => id !== but);
      await Promise.all(open.map(({ id }) => deleteItem(table, keys.session(company, user, id))));
    },

    async createApiToken(company: CompanyId, token: StoredApiToken, along: readonly Write[]): Promise<void> {
      await transact(table, [on.create(keys.apiToken(company, token.id), asItem(apiTokenEntity, token)), ...along]);
    },

    async apiTokens(
      company: CompanyId,
      limit: number,
      after?: Record<string, string>,
    ): Promise<Page & { tokens: ApiToken[] }> {
      const page = await queryPage(table, { range: ranges.apiTokens(company), limit, after });
      return { ...page, tokens: page.items.map((item) => readItem(apiTokenEntity, item)) };
    },

    /** Revokes a token; answers whether there was one. */
    async deleteApiToken(company: CompanyId, id: ApiTokenId): Promise<boolean> {
      return deleteItem(table, keys.apiToken(company, id), { ConditionExpression: 'attribute_exists(PK)' });
    },

    /** Notes the day of a token's last use, if the token is still there. */
    async markTokenUsed(company: CompanyId, id: ApiTokenId, day: string): Promise<void> {
      const revoked = new Error('the token was revoked meanwhile');
      await updateItem(
        table,
        keys.apiToken(company, id),
        {
          UpdateExpression: 'SET lastUsedOn = :day',
          ConditionExpression: 'attribute_exists(PK)',
          ExpressionAttributeValues: { ':day': day },
        },
        () => revoked,
      ).catch((error: unknown) => {
        if (error !== revoked) throw error;
      });
    },

    /** Sets the module switch, if it still has version `seen`. */
    async setClientsModule(company: CompanyId, module: ClientsModule, seen: number): Promise<void> {
      await updateItem(
        table,
        keys.company(company),
        {
          UpdateExpression: 'SET clientsModule = :module',
          ConditionExpression: 'clientsModule.#version = :seen',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':module': { ...module, version: seen + 1 }, ':seen': seen },
        },
        () => new Problem('stale-version'),
      );
    },
  };
}

export type AccountRepository = ReturnType<typeof accountRepository>;
export type { Company };
