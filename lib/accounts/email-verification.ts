import type { SignInAttempts } from '../credentials/sign-in-attempts.ts';
import type { MailAdmission } from '../mail/admission.ts';
import type { OneTimeLinks } from '../mail/one-time-links.ts';
import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import type { AccountRepository } from './repository.ts';
import { type MailedLink, Slug, type StoredUser } from './schema.ts';
import { PLACEHOLDER_SECONDS, UNKNOWN_USER } from './unknown-accounts.ts';

interface VerificationDeps {
  accounts: AccountRepository;
  links: OneTimeLinks;
  /** Rate limit of sign-ins. Only its count by IP address is used. */
  attempts: SignInAttempts;
  admission: Pick<MailAdmission, 'admitFromAnybody'>;
  commit: Commit<unknown>;
  source: Source;
}

const isActiveOwner = (user: StoredUser | undefined) => user?.status === 'active' && user.role === 'owner';

/** Verification of the e-mail address of a company's owner, by a mailed link. */
export function emailVerification({ accounts, links, attempts, admission, commit, source }: VerificationDeps) {
  const invalid = () => new Problem('link-invalid');

  async function companyOf(slug: string): Promise<CompanyId | undefined> {
    // An ill-formed slug would be an ill-formed key.
    return Slug.safeParse(slug).success ? accounts.companyIdOf(slug) : undefined;
  }

  async function verify({ company: slug, token }: MailedLink): Promise<void> {
    const companyId = await companyOf(slug);
    const link = companyId && (await links.find(companyId, token, 'user-email-verification', source.now()));
    if (!companyId || !link?.userId) throw invalid();
    const [user, company] = await Promise.all([accounts.user(companyId, link.userId), accounts.company(companyId)]);
    if (!isActiveOwner(user) || company.mailVerifiedAt !== null) throw invalid();
    const verification = accounts.writeToVerifyMail(company, source.now().toISOString());
    await commit([verification, links.use(companyId, token, invalid)], undefined);
  }

  return {
    /**
     * Mails an owner another link that verifies the address. An address that is not an owner's, or is verified already, takes
     * the same calls and has the same reply.
     * @throws Problem `too-many-attempts`, `too-many-mails`
     */
    async request(slug: string, email: string, address: string): Promise<void> {
      await attempts.checkAddress(address);
      // Every request counts as a failure of the IP address, so that one address cannot request mails for many others.
      await attempts.failAddress(address);
      const mailId = await admission.admitFromAnybody(email);
      const companyId = await companyOf(slug);
      if (!companyId) return;
      const login = await accounts.login(companyId, email);
      const [user, company] = await Promise.all([
        accounts.user(companyId, login?.userId ?? UNKNOWN_USER),
        accounts.company(companyId),
      ]);
      const at = source.now();
      if (user && isActiveOwner(user) && company.mailVerifiedAt === null)
        await commit([accounts.verificationMail(companyId, user.id, { mailId, at: at.toISOString() })], undefined);
      else await accounts.writePlaceholders(companyId, email, 1, Math.floor(at.getTime() / 1000) + PLACEHOLDER_SECONDS);
    },

    /**
     * Verifies the address that a link was mailed to. Six calls. A failure counts for the IP address.
     * @throws Problem `link-invalid`, `too-many-attempts`
     */
    async confirm(input: MailedLink, address: string): Promise<void> {
      await attempts.checkAddress(address);
      try {
        await retryOnStaleVersion(undefined, () => verify(input));
      } catch (error) {
        if (error instanceof Problem && error.code === 'link-invalid') await attempts.failAddress(address);
        throw error;
      }
    },
  };
}
