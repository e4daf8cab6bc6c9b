import { passwordFaults } from '../credentials/password-rules.ts';
import { type PasswordHashing, SALT_BYTES } from '../credentials/passwords.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { staffGeneration } from '../credentials/session-tokens.ts';
import type { SignInAttempts } from '../credentials/sign-in-attempts.ts';
import type { MailAdmission } from '../mail/admission.ts';
import { REACHABLE } from '../shared/email.ts';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import { CompanyId, mintId, UserId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import { fold } from '../shared/text.ts';
import type { Commit } from '../table/transaction.ts';
import type { AccountRepository } from './repository.ts';
import type { Company, Me, SignUp, StoredCompany, StoredUser, User } from './schema.ts';

/** Attempts to find a free slug for a company that chose none. */
const MAX_SLUGS = 5;

/** A slug for a name: `Café du Nord` → `cafe-du-nord`. */
function slugOf(name: string): string {
  const plain = fold(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 50)
    .replace(/-$/, '');
  return plain.length >= 3 ? plain : `company-${plain}`.replace(/-$/, '');
}

const ownPasswordFaults = (password: string, { email, name }: Pick<User, 'email' | 'name'>, pointer: string) =>
  passwordFaults(password, [email, name], pointer);

interface AccountDeps {
  accounts: AccountRepository;
  sessions: SessionRepository;
  attempts: SignInAttempts;
  /** Counts a sign-up from an IP address. @throws Problem `too-many-sign-ups` */
  takeSignUp: (address: string) => Promise<void>;
  admission: Pick<MailAdmission, 'admitFromAnybody'>;
  hashing: PasswordHashing;
  /** Commits what no Idempotency-Key covers. */
  commit: Commit<unknown>;
  source: Source;
}

/** Sign-up, and the own account of a signed-in user. */
export function accountService(deps: AccountDeps) {
  const { accounts, sessions, attempts, takeSignUp, admission, hashing, commit: commitChange, source } = deps;
  const now = () => source.now().toISOString();

  function newCompany({ company, owner }: SignUp, slug: string, passwordHash: string) {
    const id = mintId(CompanyId, 'co', source);
    const at = now();
    const common = { createdAt: at, updatedAt: at, version: 1 };
    const stored: StoredCompany = {
      id,
      slug,
      name: company.name,
      country: company.country,
      currency: company.currency,
      language: company.language,
      timezone: company.timezone,
      mailVerifiedAt: null,
      ...common,
      owners: 1,
      clientsModule: { status: 'active', minimumRole: 'viewer', requiredFields: [], version: 1 },
      customFieldsDefined: false,
      activityDays: null,
    };
    const user: StoredUser = {
      id: mintId(UserId, 'usr', source),
      email: owner.email,
      emailStatus: REACHABLE,
      name: owner.name,
      role: 'owner',
      status: 'active',
      credentialGeneration: 0,
      apiTokenGeneration: 0,
      ...common,
    };
    const { currency, language, timezone } = company;
    return {
      company: stored,
      owner: user,
      passwordHash,
      settings: { settings: { currency, language, timezone }, updatedAt: at, version: 1 },
      numbering: { pattern: '{counter:4}', next: 1, reset: 'never' as const, period: '-' },
    };
  }

  return {
    /**
     * Signs up a company and its owner, and mails the owner a link that verifies the address. Three calls, more if a
     * generated slug is taken.
     * @throws Problem `slug-taken`, `too-many-sign-ups`, `too-many-mails`
     */
    async signUp(
      input: SignUp,
      address: string,
      commit: Commit<{ company: Company; user: User }>,
    ): Promise<{ company: Company; user: User }> {
      const { owner } = input;
      const faults = await ownPasswordFaults(owner.password, owner, '/owner/password');
      if (faults.length > 0) throw invalid(...faults);
      await takeSignUp(address);
      const mailId = await admission.admitFromAnybody(owner.email);
      const passwordHash = await hashing.hash(owner.password, source.random(SALT_BYTES));
      const preferred = input.company.slug ?? slugOf(input.company.name);
      for (let attempt = 1; ; attempt++) {
        const suffix = Buffer.from(source.random(3)).toString('hex');
        const created = newCompany(input, attempt === 1 ? preferred : `${preferred}-${suffix}`, passwordHash);
        const { company, owner } = created;
        const reply = { company, user: owner };
        const mail = accounts.verificationMail(company.id, owner.id, { mailId, at: company.createdAt });
        try {
          await commit([...accounts.writesToCreate(created), mail], reply);
          return reply;
        } catch (error) {
          const retryable = error instanceof Problem && error.code === 'slug-taken' && input.company.slug === undefined;
          if (!retryable || attempt === MAX_SLUGS) throw error;
        }
      }
    },

    /** What a sign-up would refuse about the right fields of a partly wrong body. It looks at no records. */
    faultsOfSignUp: async ({ owner }: Partial<SignUp>): Promise<InputFault[]> =>
      owner ? ownPasswordFaults(owner.password, owner, '/owner/password') : [],

    /** Who calls: the account of a user, or an API token. One call. @throws Problem `not-found` */
    async me(principal: Principal): Promise<Me> {
      const { kind, id, name, role, companyId } = principal;
      if (kind === 'token') {
        const found = await accounts.apiTokenWithCompany(companyId, id);
        if (!found) throw new Problem('not-found');
        return { kind, id, name, role, expiresAt: found.token.expiresAt, company: found.company, user: null };
      }
      const account = await accounts.userWithCompany(companyId, id);
      if (!account) throw new Problem('not-found');
      const { user, company } = account;
      return { kind, id, name: user.name, role: user.role, expiresAt: null, company, user };
    },

    /** What `changePassword` would refuse about a new password. One call. */
    async faultsOfNewPassword(principal: Principal, password: string | undefined): Promise<InputFault[]> {
      if (principal.kind !== 'user' || password === undefined) return [];
      const user = await accounts.user(principal.companyId, principal.id);
      return user ? ownPasswordFaults(password, user, '/newPassword') : [];
    },

    /**
     * Changes the caller's password and ends all other sessions of the user. Wrong attempts count for this session only.
     * @throws Problem `wrong-password`, `too-many-attempts`, `validation` for a password that is easily guessed
     */
    async changePassword(principal: Principal, current: string, next: string): Promise<void> {
      if (principal.kind !== 'user') throw new Problem('not-found', { detail: 'An API token has no user account.' });
      const { companyId, id, sessionId } = principal;
      const user = await accounts.user(companyId, id);
      if (!user) throw new Problem('not-found');
      const faults = await ownPasswordFaults(next, user, '/newPassword');
      if (faults.length > 0) throw invalid(...faults);
      const { email } = user;
      const attempt = { company: companyId, account: email, origin: { kind: 'session', id: sessionId } as const };
      const admitted = await attempts.check(companyId, email, attempt.origin);
      const login = await accounts.login(companyId, email);
      if (!(await hashing.verify(current, login?.passwordHash)) || !login?.passwordHash) {
        await attempts.fail(companyId, email, attempt.origin);
        throw new Problem('wrong-password');
      }
      const seen = login.passwordHash;
      const passwordHash = await hashing.hash(next, source.random(SALT_BYTES));
      const generation = staffGeneration({ credentialGeneration: user.credentialGeneration + 1 });
      const changes = [
        ...accounts.writesToChangePassword(companyId, user, { seen, passwordHash, at: now() }, () => {
          return new Problem('wrong-password');
        }),
        sessions.writeToKeep(companyId, id, sessionId, generation, () => new Problem('unauthenticated')),
      ];
      await attempts.succeed({ ...attempt, admitted }, (clear) => commitChange([...changes, ...clear], undefined));
    },
  };
}
