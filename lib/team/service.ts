import { isDeepStrictEqual } from 'node:util';
import type { AccountRepository } from '../accounts/repository.ts';
import {
  type ApiToken,
  ApiTokenChange,
  type ApiTokenInput,
  type ApiTokenPatch,
  type ChangedUser,
  EXPIRED_SECONDS,
  MAX_TOKEN_DAYS,
  type StoredUser,
  type User,
  UserInput,
  type UserInvitation,
  type UserPatch,
} from '../accounts/schema.ts';
import { apiTokenPrefix, hashSecret, mintSecret, writeApiToken } from '../credentials/tokens.ts';
import type { AdmitMail } from '../mail/admission.ts';
import { REACHABLE } from '../shared/email.ts';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import { ApiTokenId, type CompanyId, type MailId, mintId, UserId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import { type AwaitedMail, type Principal, requesterOf } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import { type Role, reaches } from '../shared/roles.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';
import type { Commit } from '../table/transaction.ts';

interface TeamDeps {
  accounts: AccountRepository;
  admitMail: AdmitMail;
  /** Commits changes that no Idempotency-Key covers. */
  commit: Commit<unknown>;
  source: Source;
}

/** The staff of a company and its API tokens. */
export function teamService({ accounts, admitMail, commit: commitChange, source }: TeamDeps) {
  const now = () => source.now().toISOString();

  const invitationBy = (principal: Principal, mailId: MailId, at: string): AwaitedMail => ({
    mailId,
    at,
    by: requesterOf(principal),
  });

  /** Deletes the API tokens of a user, and returns them. They are invalid already, by their generation. */
  async function removeApiTokensOf(companyId: CompanyId, userId: UserId): Promise<ApiToken[]> {
    const tokens = await accounts.apiTokensOf(companyId, userId);
    await Promise.all(tokens.map(({ id }) => accounts.deleteApiToken(companyId, id)));
    return tokens;
  }

  return {
    async user(companyId: CompanyId, id: UserId): Promise<User> {
      const user = await accounts.user(companyId, id);
      if (!user) throw new Problem('not-found');
      return user;
    },

    /**
     * Invites a person by mail. The role cannot be higher than the role of the caller. Four calls.
     * @throws Problem `role-too-low`, `email-taken`, `email-not-verified`, `too-many-mails`
     */
    async invite(principal: Principal, { email, name, role }: UserInvitation, commit: Commit<User>): Promise<User> {
      assertRoleAllowed(principal, role);
      const at = now();
      const id = mintId(UserId, 'usr', source);
      const mailId = await admitMail(principal, { address: email, id });
      const user: StoredUser & { invitation: AwaitedMail } = {
        id,
        email,
        emailStatus: REACHABLE,
        name,
        role,
        status: 'invited',
        createdAt: at,
        updatedAt: at,
        version: 1,
        credentialGeneration: 0,
        apiTokenGeneration: 0,
        invitation: invitationBy(principal, mailId, at),
      };
      await commit(accounts.writesToInviteUser(principal.companyId, user), user);
      return user;
    },

    /** What an invitation would refuse about the right fields of a partly wrong body. One call; none without an address. */
    faultsOfInvitation: async ({ companyId }: Principal, { email }: Partial<UserInvitation>): Promise<InputFault[]> =>
      email === undefined ? [] : accounts.emailFaults(companyId, email),

    /**
     * Sends the invitation again. The earlier link is no longer valid. Five calls.
     * @throws Problem `role-too-low`, `already-active`, `email-not-verified`, `too-many-mails`
     */
    async inviteAgain(principal: Principal, id: UserId, commit: Commit<User>): Promise<User> {
      const { companyId } = principal;
      let admitted: MailId | undefined;
      return retryOnStaleVersion(undefined, async () => {
        const user = await accounts.user(companyId, id);
        if (!user) throw new Problem('not-found');
        assertRoleAllowed(principal, user.role);
        if (user.status !== 'invited') throw new Problem('already-active');
        // Once, also if the change is tried again.
        admitted ??= await admitMail(principal, { address: user.email, id });
        const at = now();
        const invitation = invitationBy(principal, admitted, at);
        const next = { ...user, invitation, version: user.version + 1, updatedAt: at };
        const mail = accounts.invitationMail(companyId, id, invitation);
        await commit([...accounts.writesToReplaceUser(companyId, next, user.version, 0), mail], next);
        return next;
      });
    },

    /**
     * Applies a merge patch to name, role and status of a user. Neither the old nor the new role can be higher than the role of
     * the caller. A deactivation ends all sessions and API tokens of the user, and returns the tokens. Two calls; after a
     * deactivation one more, and one for each token.
     * @throws Problem `role-too-low`, `last-owner`, `stale-version`
     */
    async changeUser(
      principal: Principal,
      id: UserId,
      patch: UserPatch,
      ifMatch: readonly number[] | undefined,
    ): Promise<ChangedUser> {
      const { companyId } = principal;
      const changed = await retryOnStaleVersion(ifMatch, async () => {
        const user = await accounts.user(companyId, id);
        if (!user) throw new Problem('not-found');
        if (ifMatch && !ifMatch.includes(user.version)) throw new Problem('stale-version');
        const { name, role: presentRole } = user;
        const requestedStatus = user.status === 'deactivated' ? user.status : 'active';
        const change = validated(UserInput, mergePatch({ name, role: presentRole, status: requestedStatus }, patch));
        for (const role of [user.role, change.role]) assertRoleAllowed(principal, role);
        const status = change.status === 'active' && user.invitation ? 'invited' : change.status;
        if (isDeepStrictEqual({ ...user, ...change, status }, user)) return user;
        const ended = status === 'deactivated' && user.status !== 'deactivated' ? 1 : 0;
        const next: StoredUser = {
          ...user,
          ...change,
          status,
          credentialGeneration: user.credentialGeneration + ended,
          apiTokenGeneration: user.apiTokenGeneration + ended,
          version: user.version + 1,
          updatedAt: now(),
        };
        const activeOwner = ({ role, status }: User) => (role === 'owner' && status === 'active' ? 1 : 0);
        const owners = activeOwner(next) - activeOwner(user);
        await commitChange(
          accounts.writesToReplaceUser(companyId, next, user.version, owners > 0 ? 1 : owners < 0 ? -1 : 0),
          next,
        );
        return next;
      });
      const isOver = changed.status === 'deactivated';
      return { ...changed, revokedApiTokens: isOver ? await removeApiTokensOf(companyId, id) : [] };
    },

    /**
     * Creates an API token of the calling user. Only this reply has the secret. Two calls.
     * @throws Problem `people-only` if an API token calls, `role-too-low`, `validation`
     */
    async createApiToken(
      principal: Principal,
      { name, role, expiresAt }: ApiTokenInput,
      commit: Commit<ApiToken & { secret: string }>,
    ): Promise<ApiToken & { secret: string }> {
      if (principal.kind !== 'user') throw new Problem('people-only');
      if (!reaches(principal.role, role))
        throw new Problem('role-too-low', {
          detail: `The role of a token cannot be higher than the role of the caller, ${principal.role}.`,
        });
      const faults = expiryFaults(expiresAt, source.now());
      if (faults.length > 0) throw invalid(...faults);
      const { companyId, id: userId } = principal;
      const maker = await accounts.user(companyId, userId);
      if (!maker) throw new Problem('unauthenticated');
      const id = mintId(ApiTokenId, 'tok', source);
      const secret = writeApiToken({ companyId, userId, id }, mintSecret(source));
      const token: ApiToken = {
        id,
        name,
        role,
        prefix: apiTokenPrefix(id),
        expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
        lastUsedOn: null,
        createdAt: now(),
        createdBy: userId,
        createdByName: maker.name,
        version: 1,
      };
      const secretPart = secret.slice(secret.lastIndexOf('.') + 1);
      const created = { ...token, secret };
      const stored = {
        ...token,
        secretHash: hashSecret(secretPart),
        generation: maker.apiTokenGeneration,
        ...(expiresAt !== null && { ttl: Math.floor(Date.parse(expiresAt) / 1000) + EXPIRED_SECONDS }),
      };
      // The maker has just been deactivated.
      const refusal = () => new Problem('unauthenticated');
      await commit(accounts.writesToCreateApiToken(companyId, stored, refusal), created);
      return created;
    },

    /** What `createApiToken` would refuse about the right fields of a partly wrong body. */
    faultsOfApiToken: ({ expiresAt = null }: Partial<ApiTokenInput>): InputFault[] =>
      expiryFaults(expiresAt, source.now()),

    /** One call. @throws Problem `not-found` */
    async apiToken({ companyId }: Principal, id: ApiTokenId): Promise<ApiToken> {
      const token = await accounts.apiToken(companyId, id);
      if (!token) throw new Problem('not-found');
      return token;
    },

    /** Renames an API token. What it may do never changes. Two calls. @throws Problem `not-found`, `validation`, `stale-version` */
    renameApiToken(
      { companyId }: Principal,
      id: ApiTokenId,
      patch: ApiTokenPatch,
      ifMatch: readonly number[] | undefined,
    ): Promise<ApiToken> {
      return retryOnStaleVersion(ifMatch, async () => {
        const token = await accounts.apiToken(companyId, id);
        if (!token) throw new Problem('not-found');
        if (ifMatch && !ifMatch.includes(token.version)) throw new Problem('stale-version');
        const { name } = validated(ApiTokenChange, mergePatch({ name: token.name }, patch));
        if (name === token.name) return token;
        const renamed = { ...token, name, version: token.version + 1 };
        await accounts.renameApiToken(companyId, renamed, token.version);
        return renamed;
      });
    },

    /**
     * Revokes an API token. The caller must have at least its role, and the role of the user who made it. Three calls.
     * @throws Problem `not-found`, `role-too-low`
     */
    async revokeApiToken({ companyId, role }: Principal, id: ApiTokenId): Promise<void> {
      const token = await accounts.apiToken(companyId, id);
      if (!token) throw new Problem('not-found');
      const maker = await accounts.user(companyId, token.createdBy);
      const makerRole = maker?.status === 'active' ? maker.role : token.role;
      for (const needed of [token.role, makerRole])
        if (!reaches(role, needed))
          throw new Problem('role-too-low', {
            detail: `Only a caller with the role ${needed} can revoke this API token.`,
          });
      if (!(await accounts.deleteApiToken(companyId, id))) throw new Problem('not-found');
    },
  };
}

/** The fault of a time at which no token can end; null is for ever. */
function expiryFaults(expiresAt: string | null, now: Date): InputFault[] {
  if (expiresAt === null) return [];
  const end = Date.parse(expiresAt);
  if (end > now.getTime() && end <= now.getTime() + MAX_TOKEN_DAYS * 86_400_000) return [];
  const detail = 'It must be in the future, and within five years.';
  return [{ pointer: '/expiresAt', code: 'out-of-range', detail }];
}

/** @throws Problem `role-too-low` if the role is higher than the caller's */
function assertRoleAllowed(principal: Principal, role: Role): void {
  if (!reaches(principal.role, role))
    throw new Problem('role-too-low', {
      detail: `Only a caller with the role ${role} can change a user with this role, or give it to one.`,
    });
}
