import { mailbox } from '../shared/email.ts';
import { type InputFault, Problem } from '../shared/errors.ts';
import type { CompanyId, UserId } from '../shared/ids.ts';
import type { AwaitedMail } from '../shared/principal.ts';
import { matchesQuery } from '../shared/words.ts';
import type { Item, Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { getItem, getItems, type Page, queryMatching, queryPage } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { mailsToUsers } from './mails-to-users.ts';
import { companyEntity, loginEntity, type StoredCompany, type StoredUser, type User, userEntity } from './schema.ts';

/** The users of companies: their staff. */
export function userRepository(table: Table) {
  const on = writes(table.name);
  const { invitationMail } = mailsToUsers(table.name);

  return {
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
  };
}

const EMAIL_TAKEN: InputFault = {
  pointer: '/email',
  code: 'taken',
  detail: 'Another user has this e-mail address.',
};
