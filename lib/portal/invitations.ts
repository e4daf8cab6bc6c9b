import type { AccountRepository } from '../accounts/repository.ts';
import { type LinkWithPassword, Slug } from '../accounts/schema.ts';
import type { AcceptedInvitation } from '../clients/contacts/accounts.ts';
import type { DeviceTokens } from '../credentials/devices.ts';
import { assertGoodPassword } from '../credentials/password-rules.ts';
import { type PasswordHashing, SALT_BYTES } from '../credentials/passwords.ts';
import type { SignedIn, Tokens } from '../credentials/schema.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { portalGeneration, sessionTokens } from '../credentials/session-tokens.ts';
import type { SignInAttempts } from '../credentials/sign-in-attempts.ts';
import type { OneTimeLinks } from '../mail/one-time-links.ts';
import { Problem } from '../shared/errors.ts';
import { fullName } from '../shared/full-name.ts';
import type { ClientId, CompanyId, ContactId, MailId } from '../shared/ids.ts';
import type { PortalPrincipal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import type { PortalRepository } from './repository.ts';

interface InvitationDeps {
  accounts: Pick<AccountRepository, 'companyIdOf' | 'company'>;
  portal: PortalRepository;
  sessions: SessionRepository;
  contacts: {
    accept: (
      by: Pick<PortalPrincipal, 'kind' | 'companyId' | 'id' | 'name' | 'activityDays'>,
      place: { clientId: ClientId; contactId: ContactId },
      invitation: { mailId: MailId; at: string },
      commit: Commit<AcceptedInvitation>,
    ) => Promise<AcceptedInvitation>;
  };
  links: OneTimeLinks;
  attempts: SignInAttempts;
  devices: DeviceTokens;
  hashing: PasswordHashing;
  commit: Commit<unknown>;
  source: Source;
}

interface InvitationLink {
  companyId: CompanyId;
  clientId: ClientId;
  contactId: ContactId;
  mailId: MailId;
}

/** Acceptance of invitations to the portal. */
export function portalInvitations(deps: InvitationDeps) {
  const { accounts, portal, sessions, contacts, links, attempts, devices, hashing, commit, source } = deps;
  const tokens = sessionTokens(sessions, source);
  const invalid = () => new Problem('link-invalid');

  async function findLink({ company, token }: LinkWithPassword): Promise<InvitationLink | undefined> {
    // An ill-formed slug would be an ill-formed key.
    const companyId = Slug.safeParse(company).success ? await accounts.companyIdOf(company) : undefined;
    const link = companyId && (await links.find(companyId, token, 'invitation', source.now()));
    if (!companyId || !link?.clientId || !link.contactId) return undefined;
    return { companyId, clientId: link.clientId, contactId: link.contactId, mailId: link.mailId };
  }

  async function activate(
    { companyId, clientId, contactId, mailId }: InvitationLink,
    { token, password }: LinkWithPassword,
    passwordHash: string,
  ): Promise<{ tokens: Tokens; username: string }> {
    const company = await accounts.company(companyId);
    if (company.clientsModule.status !== 'active') throw new Problem('module-inactive');
    const at = source.now().toISOString();
    const contact = await portal.contact(companyId, { clientId, contactId });
    if (!contact) throw invalid();
    await assertGoodPassword(password, [contact.email, fullName(contact)], '/password');
    const name = fullName(contact) ?? contact.email ?? '';
    let opened: Tokens | undefined;
    const { contact: accepted } = await contacts.accept(
      { kind: 'contact', companyId, id: contactId, name, activityDays: company.activityDays },
      { clientId, contactId },
      { mailId, at },
      async (writes, accepted) => {
        const session = tokens.open(
          { companyId, clientId, contactId },
          portalGeneration(accepted.contact, accepted.client),
        );
        await commit(
          [
            ...writes,
            session.write,
            portal.writeToSetPassword(companyId, { clientId, contactId }, passwordHash, at),
            links.use(companyId, token, invalid),
          ],
          accepted,
        );
        opened = session.tokens;
      },
    );
    if (!opened) throw invalid();
    return { tokens: opened, username: accepted.portal.username ?? '' };
  }

  return {
    /**
     * Sets the first password and signs the contact in. Every failure takes the same work and has the same reply.
     * @throws Problem `link-invalid`, `too-many-attempts`; `module-inactive` if the link is valid
     */
    async accept(input: LinkWithPassword, address: string): Promise<SignedIn> {
      await attempts.checkAddress(address);
      await assertGoodPassword(input.password, [], '/password');
      const [link, passwordHash] = await Promise.all([
        findLink(input),
        hashing.hash(input.password, source.random(SALT_BYTES)),
      ]);
      try {
        if (!link) throw invalid();
        const origin = { kind: 'address', address } as const;
        const { tokens: issued, username } = await activate(link, input, passwordHash);
        const name = username.normalize('NFKC');
        await attempts.clear(link.companyId, name, origin);
        return { ...issued, deviceToken: await devices.tokenFor(link.companyId, name, origin) };
      } catch (error) {
        // The contact or the client may have been deleted since the mail was sent.
        const isInvalid = error instanceof Problem && (error.code === 'link-invalid' || error.code === 'not-found');
        if (!isInvalid) throw error;
        await attempts.failAddress(address);
        throw invalid();
      }
    },
  };
}
