import type * as z from 'zod';
import { directoryEntity } from '../company/directory-schema.ts';
import { groupNameGuard } from '../groups/name-guard.ts';
import { groupEntity, newGroup } from '../groups/schema.ts';
import { mailOutbox } from '../mail/outbox.ts';
import { numberingEntity } from '../numbers/schema.ts';
import { settingsEntity } from '../settings/schema.ts';
import { mailbox } from '../shared/email.ts';
import { type InputFault, Problem } from '../shared/errors.ts';
import { type ApiTokenId, type CompanyId, generalGroupId, type MailId, type UserId } from '../shared/ids.ts';
import type { AwaitedMail, ClientsModule } from '../shared/principal.ts';
import { matchesQuery } from '../shared/words.ts';
import type { Item, Table } from '../table/client.ts';
import { asItem, readItem, readItemIfAny } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { getItem, getItems, type Page, queryAll, queryMatching, queryPage } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { deleteItem, updateItem } from '../table/write.ts';
import {
  type ApiToken,
  apiTokenEntity,
  type Company,
  companyEntity,
  loginEntity,
  placeholderEntity,
  type StoredUser,
  slugEntity,
  type User,
  userEntity,
} from './schema.ts';

export type StoredCompany = z.output<typeof companyEntity.schema>;
export type StoredApiToken = z.output<typeof apiTokenEntity.schema>;

export interface NewCompany {
  company: StoredCompany;
  owner: StoredUser;
  passwordHash: string;
  settings: z.input<typeof settingsEntity.schema>;
  numbering: z.input<typeof numberingEntity.schema>;
}

/** Companies and the accounts of their staff. */
export function accountRepository(table: Table) {
  const on = writes(table.name);
  const outbox = mailOutbox(table.name);

  /** The write that queues the mail of an invitation, for the transaction that stores the invitation. */
  const invitationMail = (company: CompanyId, userId: UserId, { mailId, at, by }: AwaitedMail): Write =>
    outbox.enqueue(company, {
      mailId,
      kind: 'user-invitation',
      clientId: null,
      contactId: null,
      userId,
      requestedBy: by,
      at,
    });

  /** The write that queues a mail to a user that nobody of the company requested. */
  const mailToUser = (
    company: CompanyId,
    kind: 'user-password-reset' | 'user-email-verification',
    userId: UserId,
    { mailId, at }: { mailId: MailId; at: string },
  ): Write => outbox.enqueue(company, { mailId, kind, clientId: null, contactId: null, userId, requestedBy: null, at });

  return {
    /** The writes that create a company with its owner, settings, counter and General group. */
    writesToCreate({ company, owner, passwordHash, settings, numbering }: NewCompany): Write[] {
      const { id } = company;
      const general = { id: generalGroupId(id), name: 'General' };
      const { createdAt } = company;
      return [
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
        on.create(keys.group(id, general.id), asItem(groupEntity, newGroup({ ...general, settings: {}, createdAt }))),
        groupNameGuard(table.name).take(id, general),
        on.create(keys.user(id, owner.id), asItem(userEntity, owner)),
        on.create(keys.login(id, mailbox(owner.email)), asItem(loginEntity, { userId: owner.id, passwordHash })),
      ];
    },

    /** The id of the company with a slug; undefined if there is none. One call, eventually consistent. */
    async companyIdOf(slug: string): Promise<CompanyId | undefined> {
      const item = await getItem(table, keys.slug(slug));
      return item && readItem(slugEntity, item).companyId;
    },

    async company(id: CompanyId): Promise<StoredCompany> {
      const item = await getItem(table, keys.company(id), true);
      if (!item) throw new Problem('not-found');
      return readItem(companyEntity, item);
    },

    /** Sets name and country of a company that still has version `seen`. One call. @throws Problem `stale-version` */
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

    /** The write that queues the mail with the link that verifies the address of an owner. */
    verificationMail: (company: CompanyId, userId: UserId, mail: { mailId: MailId; at: string }): Write =>
      mailToUser(company, 'user-email-verification', userId, mail),

    /** The write that records that the address of an owner is verified, if the company still has the version that was read. */
    writeToVerifyMail: ({ id, version }: StoredCompany, at: string): Write =>
      on.update(
        keys.company(id),
        {
          UpdateExpression: 'SET mailVerifiedAt = :at, updatedAt = :at, #version = :next',
          ConditionExpression: '#version = :seen',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':at': at, ':next': version + 1, ':seen': version },
        },
        () => new Problem('stale-version'),
      ),

    async user(company: CompanyId, id: UserId): Promise<StoredUser | undefined> {
      const item = await getItem(table, keys.user(company, id), true);
      return item && readItem(userEntity, item);
    },

    /** A user and the company. One call. */
    async userWithCompany(
      company: CompanyId,
      id: UserId,
    ): Promise<{ user: StoredUser; company: StoredCompany } | undefined> {
      const [userItem, companyItem] = await getItems(table, [keys.user(company, id), keys.company(company)]);
      return (
        userItem &&
        companyItem && { user: readItem(userEntity, userItem), company: readItem(companyEntity, companyItem) }
      );
    },

    async users(
      company: CompanyId,
      limit: number,
      after?: Record<string, string>,
      q?: string,
    ): Promise<Page & { users: User[] }> {
      const request = { range: ranges.users(company), limit, after };
      const matches = q === undefined ? undefined : matchesQuery(q);
      const hasWords = (item: Item) => {
        const { name, email } = readItem(userEntity, item);
        return matches?.([name, email]) ?? true;
      };
      const page = matches ? await queryMatching(table, request, hasWords) : await queryPage(table, request);
      return { ...page, users: page.items.map((item) => readItem(userEntity, item)) };
    },

    /**
     * The writes that replace a user who still has version `seen`. `owners` is the change of the number of active owners. They
     * fail with `stale-version`, or with `last-owner` if no active owner would be left.
     */
    writesToReplaceUser(company: CompanyId, user: StoredUser, seen: number, owners: -1 | 0 | 1): Write[] {
      const replacement = on.replace(
        keys.user(company, user.id),
        asItem(userEntity, user),
        seen,
        () => new Problem('stale-version'),
      );
      if (owners === 0) return [replacement];
      const ownerCount = on.update(
        keys.company(company),
        {
          UpdateExpression: 'SET owners = owners + :change',
          ConditionExpression: 'owners > :least',
          ExpressionAttributeValues: { ':change': owners, ':least': owners < 0 ? 1 : 0 },
        },
        () => new Problem('last-owner'),
      );
      return [replacement, ownerCount];
    },

    /** The writes that create an invited user, the guard of the address and the mail. They fail with `email-taken`. */
    writesToInviteUser(company: CompanyId, user: StoredUser & { invitation: AwaitedMail }): Write[] {
      const { id, email, invitation } = user;
      return [
        on.create(keys.user(company, id), asItem(userEntity, user)),
        on.create(
          keys.login(company, mailbox(email)),
          asItem(loginEntity, { userId: id }),
          () => new Problem('email-taken', { errors: [EMAIL_TAKEN] }),
        ),
        invitationMail(company, id, invitation),
      ];
    },

    /** The fault of an address that another user has. One call. */
    async emailFaults(company: CompanyId, email: string): Promise<InputFault[]> {
      return (await getItem(table, keys.login(company, mailbox(email)), true)) ? [EMAIL_TAKEN] : [];
    },

    invitationMail,

    /** The write that sets a user's first password. */
    writeToSetFirstPassword: (company: CompanyId, email: string, passwordHash: string): Write =>
      on.update(keys.login(company, mailbox(email)), {
        UpdateExpression: 'SET passwordHash = :hash',
        ConditionExpression: 'attribute_exists(PK) AND attribute_not_exists(passwordHash)',
        ExpressionAttributeValues: { ':hash': passwordHash },
      }),

    /** Queues a mail whose link is from now on the only one that can set a new password. One call. */
    async startReset(
      company: CompanyId,
      { id: userId, email }: User,
      reset: { mailId: MailId; at: string },
    ): Promise<void> {
      const mail = mailToUser(company, 'user-password-reset', userId, reset);
      const reference = on.update(keys.login(company, mailbox(email)), {
        UpdateExpression: 'SET #reset = :reset',
        ConditionExpression: 'attribute_exists(PK)',
        ExpressionAttributeNames: { '#reset': 'reset' },
        ExpressionAttributeValues: { ':reset': reset },
      });
      await transact(table, [reference, mail]);
    },

    /**
     * Writes so many items that mean nothing, so that a request about an account that does not exist takes as long as one
     * about an account that does. One call.
     */
    async writePlaceholders(company: CompanyId, email: string, count: number, ttl: number): Promise<void> {
      const placeholder = (_: unknown, part: number) =>
        on.put(keys.placeholder(company, mailbox(email), part + 1), asItem(placeholderEntity, { ttl }));
      await transact(table, Array.from({ length: count }, placeholder));
    },

    /** The writes that set a new password and end all sessions. They fail with `refusal` after a newer reset or another change. */
    writesToResetPassword(
      company: CompanyId,
      user: Pick<User, 'id' | 'email'>,
      reset: { mailId: MailId; passwordHash: string; at: string },
      refusal: () => Error,
    ): Write[] {
      return [
        on.update(
          keys.login(company, mailbox(user.email)),
          {
            UpdateExpression: 'SET passwordHash = :hash REMOVE #reset',
            ConditionExpression: '#reset.mailId = :mail',
            ExpressionAttributeNames: { '#reset': 'reset' },
            ExpressionAttributeValues: { ':hash': reset.passwordHash, ':mail': reset.mailId },
          },
          refusal,
        ),
        on.update(
          keys.user(company, user.id),
          {
            UpdateExpression: 'SET updatedAt = :at ADD #version :one, credentialGeneration :one',
            ConditionExpression: '#status = :active',
            ExpressionAttributeNames: { '#version': 'version', '#status': 'status' },
            ExpressionAttributeValues: { ':at': reset.at, ':one': 1, ':active': 'active' },
          },
          refusal,
        ),
      ];
    },

    /** Conditions of a sign-in: the password that was checked is still the present one, and the user may sign in. */
    requirePassword(company: CompanyId, user: StoredUser, passwordHash: string, refusal: () => Error): Write[] {
      return [
        on.require(
          keys.login(company, mailbox(user.email)),
          { ConditionExpression: 'passwordHash = :hash', ExpressionAttributeValues: { ':hash': passwordHash } },
          refusal,
        ),
        on.require(
          keys.user(company, user.id),
          {
            ConditionExpression: 'credentialGeneration = :generation AND #status = :active',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':generation': user.credentialGeneration, ':active': 'active' },
          },
          refusal,
        ),
      ];
    },

    async login(company: CompanyId, email: string) {
      const item = await getItem(table, keys.login(company, mailbox(email)), true);
      return item && readItem(loginEntity, item);
    },

    /**
     * The writes that set another password hash if the stored one is still `seen`. They start a new generation of the user's
     * credentials, and invalidate any link that could set another password.
     */
    writesToChangePassword(
      company: CompanyId,
      user: StoredUser,
      { seen, passwordHash, at }: { seen: string; passwordHash: string; at: string },
      refusal: () => Error,
    ): Write[] {
      return [
        on.update(
          keys.login(company, mailbox(user.email)),
          {
            UpdateExpression: 'SET passwordHash = :next REMOVE #reset',
            ConditionExpression: 'passwordHash = :seen',
            ExpressionAttributeNames: { '#reset': 'reset' },
            ExpressionAttributeValues: { ':next': passwordHash, ':seen': seen },
          },
          refusal,
        ),
        on.update(
          keys.user(company, user.id),
          {
            UpdateExpression: 'SET updatedAt = :at ADD #version :one, credentialGeneration :one',
            ConditionExpression: 'credentialGeneration = :generation AND #status = :active',
            ExpressionAttributeNames: { '#version': 'version', '#status': 'status' },
            ExpressionAttributeValues: {
              ':at': at,
              ':one': 1,
              ':generation': user.credentialGeneration,
              ':active': 'active',
            },
          },
          refusal,
        ),
      ];
    },

    /** The writes that create a token. They fail with `refusal` unless its maker is still active. */
    writesToCreateApiToken: (company: CompanyId, token: StoredApiToken, refusal: () => Error): Write[] => [
      on.create(keys.apiToken(company, token.id), asItem(apiTokenEntity, token)),
      on.require(
        keys.user(company, token.createdBy),
        {
          ConditionExpression: 'apiTokenGeneration = :generation AND #status = :active',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':generation': token.generation, ':active': 'active' },
        },
        refusal,
      ),
    ],

    async apiToken(company: CompanyId, id: ApiTokenId): Promise<StoredApiToken | undefined> {
      return readItemIfAny(apiTokenEntity, await getItem(table, keys.apiToken(company, id), true));
    },

    /** All tokens that a user has made. One Query per MB of the company's tokens. */
    async apiTokensOf(company: CompanyId, maker: UserId): Promise<StoredApiToken[]> {
      const items = await queryAll(table, ranges.apiTokens(company));
      return items.map((item) => readItem(apiTokenEntity, item)).filter(({ createdBy }) => createdBy === maker);
    },

    async apiTokens(
      company: CompanyId,
      limit: number,
      after?: Record<string, string>,
    ): Promise<Page & { tokens: ApiToken[] }> {
      const page = await queryPage(table, { range: ranges.apiTokens(company), limit, after });
      return { ...page, tokens: page.items.map((item) => readItem(apiTokenEntity, item)) };
    },

    /** Renames a token that still has version `seen`. One call. @throws Problem `stale-version`, `not-found` */
    async renameApiToken(company: CompanyId, { id, name, version }: ApiToken, seen: number): Promise<void> {
      // Only these attributes: the token may be used for the first time today at this moment. An item of an earlier version
      // stays one; its migration keeps attributes that it has already.
      await updateItem(
        table,
        keys.apiToken(company, id),
        {
          UpdateExpression: 'SET #name = :name, #version = :version',
          ConditionExpression: 'attribute_exists(PK) AND (#version = :seen OR attribute_not_exists(#version))',
          ExpressionAttributeNames: { '#name': 'name', '#version': 'version' },
          ExpressionAttributeValues: {
            ':name': name,
            ':version': version,
            ':seen': seen,
          },
        },
        (existing) => new Problem(existing ? 'stale-version' : 'not-found'),
      );
    },

    /** An API token with the company. One call. */
    async apiTokenWithCompany(company: CompanyId, id: ApiTokenId) {
      const [token, owner] = await getItems(table, [keys.apiToken(company, id), keys.company(company)], true);
      return token && owner && { token: readItem(apiTokenEntity, token), company: readItem(companyEntity, owner) };
    },

    /** Deletes a token. Returns whether it existed. One call. */
    async deleteApiToken(company: CompanyId, id: ApiTokenId): Promise<boolean> {
      return deleteItem(table, keys.apiToken(company, id), { ConditionExpression: 'attribute_exists(PK)' });
    },

    /** Sets the clients module if it still has version `seen`. One call. */
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

const EMAIL_TAKEN: InputFault = {
  pointer: '/email',
  code: 'taken',
  detail: 'Another user has this e-mail address.',
};

export type AccountRepository = ReturnType<typeof accountRepository>;
