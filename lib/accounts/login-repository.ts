import { mailbox } from '../shared/email.ts';
import type { CompanyId, MailId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { mailsToUsers } from './mails-to-users.ts';
import { loginEntity, placeholderEntity, type StoredUser, type User } from './schema.ts';

/** What users sign in with: the passwords by address, and the links that set another one. */
export function loginRepository(table: Table) {
  const on = writes(table.name);
  const { resetMail } = mailsToUsers(table.name);

  return {
    async login(company: CompanyId, email: string) {
      const item = await getItem(table, keys.login(company, mailbox(email)), true);
      return item && readItem(loginEntity, item);
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

    /** The write that sets a user's first password. */
    writeToSetFirstPassword: (company: CompanyId, email: string, passwordHash: string): Write =>
      on.update(keys.login(company, mailbox(email)), {
        UpdateExpression: 'SET passwordHash = :hash',
        ConditionExpression: 'attribute_exists(PK) AND attribute_not_exists(passwordHash)',
        ExpressionAttributeValues: { ':hash': passwordHash },
      }),

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

    /** Queues a mail whose link is from now on the only one that can set a new password. One call. */
    async startReset(
      company: CompanyId,
      { id: userId, email }: User,
      reset: { mailId: MailId; at: string },
    ): Promise<void> {
      const mail = resetMail(company, userId, reset);
      const reference = on.update(keys.login(company, mailbox(email)), {
        UpdateExpression: 'SET #reset = :reset',
        ConditionExpression: 'attribute_exists(PK)',
        ExpressionAttributeNames: { '#reset': 'reset' },
        ExpressionAttributeValues: { ':reset': reset },
      });
      await transact(table, [reference, mail]);
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

    /**
     * Writes so many items that mean nothing, so that a request about an account that does not exist takes as long as one
     * about an account that does. One call.
     */
    async writePlaceholders(company: CompanyId, email: string, count: number, ttl: number): Promise<void> {
      const placeholder = (_: unknown, part: number) =>
        on.put(keys.placeholder(company, mailbox(email), part + 1), asItem(placeholderEntity, { ttl }));
      await transact(table, Array.from({ length: count }, placeholder));
    },
  };
}
