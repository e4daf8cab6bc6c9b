import type { emailVerification } from '../../lib/accounts/email-verification.ts';
import type { CompanyId, MailId } from '../../lib/shared/ids.ts';
import type { Measure } from '../support/calls.ts';
import type { PortalWorld } from '../support/portal-world.ts';

const ADDRESS = '192.0.2.1';

interface SignedUp {
  world: Pick<PortalWorld, 'deliver'>;
  verification: ReturnType<typeof emailVerification>;
  company: { id: CompanyId; slug: string };
  email: string;
  /** The mail of the sign-up. */
  mailId: MailId | undefined;
}

/** Measures the verification of the owner's address. Afterwards the company may mail others. */
export async function measureVerification(measure: Measure, signedUp: SignedUp): Promise<void> {
  const { world, verification, company, email, mailId } = signedUp;
  if (!mailId) throw new Error('the sign-up queued no mail');
  await measure('requestEmailVerification', () => verification.request(company.slug, email, ADDRESS));
  await measure('requestEmailVerificationOfNobody', () => verification.request(company.slug, 'no@x.example', ADDRESS));
  const token = await world.deliver(company.id, mailId);
  await measure('confirmEmailVerification', () => verification.confirm({ company: company.slug, token }, ADDRESS));
}
