import type { DeviceTokens } from '../credentials/devices.ts';
import { assertGoodPassword } from '../credentials/password-rules.ts';
import { type PasswordHashing, SALT_BYTES } from '../credentials/passwords.ts';
import type { SignedIn } from '../credentials/schema.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { sessionTokens, staffGeneration } from '../credentials/session-tokens.ts';
import type { SignInAttempts } from '../credentials/sign-in-attempts.ts';
import type { MailAdmission } from '../mail/admission.ts';
import type { OneTimeLink, OneTimeLinks } from '../mail/one-time-links.ts';
import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import type { Commit, Write } from '../table/transaction.ts';
import type { AccountRepository } from './repository.ts';
import { type LinkWithPassword, Slug, type StoredUser } from './schema.ts';
import { PLACEHOLDER_SECONDS, UNKNOWN_USER } from './unknown-accounts.ts';

interface StaffLinkDeps {
  accounts: AccountRepository;
  sessions: SessionRepository;
  links: OneTimeLinks;
  /** Rate limit of sign-ins. It also counts failures by IP address. */
  attempts: SignInAttempts;
  devices: DeviceTokens;
  admission: Pick<MailAdmission, 'admitFromAnybody'>;
  hashing: PasswordHashing;
  commit: Commit<unknown>;
  source: Source;
}

interface LinkTarget {
  companyId: CompanyId;
  user: StoredUser;
  link: OneTimeLink;
  passwordHash: string;
}

/** Invitations and password resets of staff, by mailed links. */
export function staffLinks(deps: StaffLinkDeps) {
  const { accounts, sessions, links, attempts, devices, admission, hashing, commit, source } = deps;
  const tokens = sessionTokens(sessions, source);
  const invalid = () => new Problem('link-invalid');

  async function companyOf(slug: string): Promise<CompanyId | undefined> {
    // An ill-formed slug would be an ill-formed key.
    return Slug.safeParse(slug).success ? accounts.companyIdOf(slug) : undefined;
  }

  /** The user that a link was mailed to. Every failure takes the same work and has the same reply. */
  async function resolveLink(
    { company, token, password }: LinkWithPassword,
    purpose: 'user-invitation' | 'user-password-reset',
    address: string,
  ): Promise<LinkTarget> {
    await attempts.checkAddress(address);
    await assertGoodPassword(password, [], '/password');
    const find = async () => {
      const companyId = await companyOf(company);
      const link = companyId && (await links.find(companyId, token, purpose, source.now()));
      const user = companyId && link?.userId ? await accounts.user(companyId, link.userId) : undefined;
      return companyId && link && user && { companyId, link, user };
    };
    const [target, passwordHash] = await Promise.all([find(), hashing.hash(password, source.random(SALT_BYTES))]);
    if (!target) throw await countFailure(address);
    await assertGoodPassword(password, [target.user.email, target.user.name], '/password');
    return { ...target, passwordHash };
  }

  /** Counts a failure of the IP address and returns the error to throw. */
  async function countFailure(address: string): Promise<Problem> {
    await attempts.failAddress(address);
    return invalid();
  }

  /** The write that verifies an owner's address, which the used link has reached; none if it is verified. One call. */
  async function writesToVerifyOwner(companyId: CompanyId, { role }: StoredUser, at: string): Promise<Write[]> {
    if (role !== 'owner') return [];
    const company = await accounts.company(companyId);
    return company.mailVerifiedAt === null ? [accounts.writeToVerifyMail(company, at)] : [];
  }

  return {
    /** Accepts an invitation: sets the first password and signs the user in. @throws Problem `link-invalid` */
    async acceptInvitation(input: LinkWithPassword, address: string): Promise<SignedIn> {
      return retryOnStaleVersion(undefined, async () => {
        const { companyId, user, link, passwordHash } = await resolveLink(input, 'user-invitation', address);
        const { invitation, ...account } = user;
        if (user.status !== 'invited' || invitation?.mailId !== link.mailId) throw await countFailure(address);
        const updatedAt = source.now().toISOString();
        const active: StoredUser = { ...account, status: 'active', version: user.version + 1, updatedAt };
        const session = tokens.open({ companyId, userId: user.id }, staffGeneration(active));
        const writes = [
          session.write,
          ...accounts.writesToReplaceUser(companyId, active, user.version, user.role === 'owner' ? 1 : 0),
          accounts.writeToSetFirstPassword(companyId, user.email, passwordHash),
          links.use(companyId, input.token, invalid),
        ];
        await commit(writes, active);
        const deviceToken = await devices.tokenFor(companyId, user.email, { kind: 'address', address });
        return { ...session.tokens, deviceToken };
      });
    },

    /**
     * Mails a link to set a new password if the account exists. An unknown account takes the same calls and has the same
     * reply.
     * @throws Problem `too-many-attempts`, `too-many-mails`
     */
    async requestReset(slug: string, email: string, address: string): Promise<void> {
      await attempts.checkAddress(address);
      // Every request counts as a failure of the IP address, so that one address cannot have mail sent to a whole company.
      await attempts.failAddress(address);
      const mailId = await admission.admitFromAnybody(email);
      const companyId = await companyOf(slug);
      if (!companyId) return;
      const login = await accounts.login(companyId, email);
      const user = await accounts.user(companyId, login?.userId ?? UNKNOWN_USER);
      const at = source.now();
      if (user?.status === 'active') await accounts.startReset(companyId, user, { mailId, at: at.toISOString() });
      else await accounts.writePlaceholders(companyId, email, 2, Math.floor(at.getTime() / 1000) + PLACEHOLDER_SECONDS);
    },

    /**
     * Sets a new password and ends all sessions of the user. It also verifies the address of an owner.
     * @throws Problem `link-invalid`
     */
    async confirmReset(input: LinkWithPassword, address: string): Promise<void> {
      const { companyId, user, link, passwordHash } = await resolveLink(input, 'user-password-reset', address);
      const at = source.now().toISOString();
      const reset = accounts.writesToResetPassword(companyId, user, { mailId: link.mailId, passwordHash, at }, invalid);
      const use = links.use(companyId, input.token, invalid);
      try {
        await retryOnStaleVersion(undefined, async () =>
          commit([...reset, use, ...(await writesToVerifyOwner(companyId, user, at))], undefined),
        );
      } catch (error) {
        if (error instanceof Problem && error.code === 'link-invalid') await attempts.failAddress(address);
        throw error;
      }
      await attempts.clear(companyId, user.email, { kind: 'address', address });
    },
  };
}
