import { type PasswordHashing, SALT_BYTES } from '../credentials/passwords.ts';
import type { SignInAttempts } from '../credentials/rate-limit.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import type { MailAdmission } from '../mail/admission.ts';
import { REACHABLE } from '../shared/email.ts';
import { Problem } from '../shared/errors.ts';
import { CompanyId, mintId, UserId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import { fold } from '../shared/text.ts';
import type { Commit } from '../table/transaction.ts';
import type { AccountRepository, StoredCompany } from './repository.ts';
import type { Company, SignUp, User } from './schema.ts';

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

interface AccountDeps {
  accounts: AccountRepository;
  sessions: SessionRepository;
  attempts: SignInAttempts;
  /** Counts a sign-up from an IP address. @throws Problem `too-many-sign-ups` */
  takeSignUp: (address: string) => Promise<void>;
  admission: Pick<MailAdmission, 'admitFromAnybody'>;
  hashing: PasswordHashing;
  source: Source;
}

/** Sign-up, and the own account of a signed-in user. */
export function accountService(deps: AccountDeps) {
  const { accounts, sessions, attempts, takeSignUp, admission, hashing, source } = deps;
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
    const user: User = {
      id: mintId(UserId, 'usr', source),
      email: owner.email,
      emailStatus: REACHABLE,
      name: owner.name,
      role: 'owner',
      status: 'active',
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
      await takeSignUp(address);
      const mailId = await admission.admitFromAnybody(input.owner.email);
      const passwordHash = await hashing.hash(input.owner.password, source.random(SALT_BYTES));
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

    /** The caller's user and company. One call. @throws Problem `not-found` for an API token */
    async me(principal: Principal): Promise<{ user: User; company: Company }> {
      if (principal.kind !== 'user') throw new Problem('not-found', { detail: 'An API token has no user account.' });
      const account = await accounts.userWithCompany(principal.companyId, principal.id);
      if (!account) throw new Problem('not-found');
      return account;
    },

    /** Changes the caller's password and ends all other sessions of the user. @throws Problem `wrong-password` */
    async changePassword(principal: Principal, current: string, next: string): Promise<void> {
      if (principal.kind !== 'user') throw new Problem('not-found', { detail: 'An API token has no user account.' });
      const { companyId, id, sessionId } = principal;
      const user = await accounts.user(companyId, id);
      const login = user && (await accounts.login(companyId, user.email));
      if (user) await attempts.take(companyId, user.email);
      const matches = await hashing.verify(current, login?.passwordHash);
      if (!user || !login?.passwordHash || !matches) throw new Problem('wrong-password');
      const passwordHash = await hashing.hash(next, source.random(SALT_BYTES));
      await accounts.changePassword(companyId, user.email, login.passwordHash, passwordHash);
      await sessions.closeAll(companyId, id, sessionId);
      await attempts.clear(companyId, user.email);
    },
  };
}
