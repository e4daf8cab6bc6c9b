import { type PasswordHashing, SALT_BYTES } from '../credentials/passwords.ts';
import type { SignInAttempts } from '../credentials/rate-limit.ts';
import type { Tokens } from '../credentials/schema.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { sessionTokens } from '../credentials/session-tokens.ts';
import type { OneTimeLink, OneTimeLinks } from '../mail/one-time-links.ts';
import { Problem } from '../shared/errors.ts';
import { type CompanyId, MailId, mintId, UserId } from '../shared/ids.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import type { AccountRepository } from './repository.ts';
import { type LinkWithPassword, Slug, type StoredUser } from './schema.ts';

/** Seconds that a decoy lies in the table. */
const DECOY_SECONDS = 3600;

/** Nobody's id: what is read where there is no user, so that it takes as long. */
const NOBODY = UserId.parse(`usr_${'0'.repeat(26)}`);

interface StaffLinkDeps {
  accounts: AccountRepository;
  sessions: SessionRepository;
  links: OneTimeLinks;
  /** Sign-ins, for the count of failures by address and what a new password forgives. */
  attempts: SignInAttempts;
  /** Requests for a reset, by account. */
  resets: SignInAttempts;
  hashing: PasswordHashing;
  commit: Commit<unknown>;
  source: Source;
}

interface Followed {
  companyId: CompanyId;
  user: StoredUser;
  link: OneTimeLink;
  passwordHash: string;
}

/** What staff does with a mailed link: joins the company, sets a new password. */
export function staffLinks({ accounts, sessions, links, attempts, resets, hashing, commit, source }: StaffLinkDeps) {
  const tokens = sessionTokens(sessions, source);
  const invalid = () => new Problem('link-invalid');

  async function companyOf(slug: string): Promise<CompanyId | undefined> {
    // What cannot be a slug is no key to look up either.
    return Slug.safeParse(slug).success ? accounts.companyIdOf(slug) : undefined;
  }

  /** The user that a link is for. Whatever is wrong about the link takes the same work and gives the same answer. */
  async function follow(
    { company, token, password }: LinkWithPassword,
    purpose: 'user-invitation' | 'user-password-reset',
    address: string,
  ): Promise<Followed> {
    await attempts.checkAddress(address);
    const find = async () => {
      const companyId = await companyOf(company);
      const link = companyId && (await links.find(companyId, token, purpose, source.now()));
      const user = companyId && link?.userId ? await accounts.user(companyId, link.userId) : undefined;
      return companyId && link && user && { companyId, link, user };
    };
    const [found, passwordHash] = await Promise.all([find(), hashing.hash(password, source.random(SALT_BYTES))]);
    if (found) return { ...found, passwordHash };
    throw await failed(address);
  }

  async function failed(address: string): Promise<Problem> {
    await attempts.failAddress(address);
    return invalid();
  }

  return {
    /** Joins the company that the link invites to, with a first password, and signs in. @throws Problem `link-invalid` */
    async acceptInvitation(input: LinkWithPassword, address: string): Promise<Tokens> {
      return retryOnStaleVersion(undefined, async () => {
        const { companyId, user, link, passwordHash } = await follow(input, 'user-invitation', address);
        const { invitation, ...joining } = user;
        if (user.status !== 'invited' || invitation?.mailId !== link.mailId) throw await failed(address);
        const updatedAt = source.now().toISOString();
        const active: StoredUser = { ...joining, status: 'active', version: user.version + 1, updatedAt };
        const writes = [
          ...accounts.writesToReplaceUser(companyId, active, user.version, user.role === 'owner' ? 1 : 0),
          accounts.firstPassword(companyId, user.email, passwordHash),
          links.use(companyId, input.token, invalid),
        ];
        await commit(writes, active);
        return tokens.open({ companyId, userId: user.id });
      });
    },

    /**
     * Mails a link that sets a new password, where there is somebody to mail it to. Whether there is takes the same calls
     * and gives the same answer.
     * @throws Problem `too-many-attempts`
     */
    async requestReset(slug: string, email: string, address: string): Promise<void> {
      await attempts.checkAddress(address);
      const companyId = await companyOf(slug);
      // Each request counts: what it may send is not for one address to have sent to a whole company.
      await attempts.failAddress(address);
      if (!companyId) return;
      await resets.take(companyId, email);
      const login = await accounts.login(companyId, email);
      const user = await accounts.user(companyId, login?.userId ?? NOBODY);
      const at = source.now();
      if (user?.status === 'active')
        await accounts.awaitReset(companyId, user, { mailId: mintId(MailId, 'mail', source), at: at.toISOString() });
      else await accounts.awaitNothing(companyId, email, Math.floor(at.getTime() / 1000) + DECOY_SECONDS);
    },

    /** Sets the new password and ends all sessions of the user. @throws Problem `link-invalid` */
    async confirmReset(input: LinkWithPassword, address: string): Promise<void> {
      const { companyId, user, link, passwordHash } = await follow(input, 'user-password-reset', address);
      const reset = { mailId: link.mailId, passwordHash, at: source.now().toISOString() };
      try {
        const use = links.use(companyId, input.token, invalid);
        await commit([...accounts.writesToResetPassword(companyId, user, reset, invalid), use], undefined);
      } catch (error) {
        if (error instanceof Problem && error.code === 'link-invalid') await attempts.failAddress(address);
        throw error;
      }
      await Promise.all([attempts.forgive(companyId, user.email), resets.forgive(companyId, user.email)]);
    },
  };
}
