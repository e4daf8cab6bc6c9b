import type { AccountRepository } from '../accounts/repository.ts';
import { Slug, type StoredCompany } from '../accounts/schema.ts';
import { type ActivityEvent, authorOf } from '../activity/schema.ts';
import type { ActivityWrites } from '../activity/writes.ts';
import type { UsedLink } from '../clients/contacts/accounts.ts';
import type { DeviceTokens } from '../credentials/devices.ts';
import { assertGoodPassword } from '../credentials/password-rules.ts';
import { type PasswordHashing, SALT_BYTES } from '../credentials/passwords.ts';
import type { SignedIn, Tokens } from '../credentials/schema.ts';
import type { SessionRepository } from '../credentials/session-repository.ts';
import { portalGeneration, sessionTokens } from '../credentials/session-tokens.ts';
import type { SignInAttempts } from '../credentials/sign-in-attempts.ts';
import { hashSecret, mintSecret } from '../credentials/tokens.ts';
import { invalid, Problem } from '../shared/errors.ts';
import { fullName } from '../shared/full-name.ts';
import { ActivityId, type ClientId, type CompanyId, type ContactId, idOfEvent } from '../shared/ids.ts';
import { isPortalOpen } from '../shared/portal-access.ts';
import type { Principal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { Commit, Write } from '../table/transaction.ts';
import type { PortalRepository, SignInState } from './repository.ts';
import type { PortalLink, PortalLinkAcceptance } from './schema.ts';

/** Seconds for which a link can be used: time to hand it over, and not much more. */
const LINK_SECONDS = 3600;

interface ContactIds {
  clientId: ClientId;
  contactId: ContactId;
}

interface LinkDeps {
  accounts: Pick<AccountRepository, 'companyIdOf'>;
  portal: PortalRepository;
  sessions: SessionRepository;
  contacts: { acceptLink: UsedLink };
  activity: ActivityWrites;
  attempts: SignInAttempts;
  devices: DeviceTokens;
  hashing: PasswordHashing;
  /** Where the portal is, without a slash at the end. */
  portalUrl: string;
  commit: Commit<unknown>;
  source: Source;
}

/** A link that somebody presented, with the records that it opens. */
interface Opened extends SignInState {
  companyId: CompanyId;
  company: StoredCompany;
  ids: ContactIds;
  token: string;
}

/** Links that staff hands over to a contact, who signs in with them. */
export function portalLinks(deps: LinkDeps) {
  const { accounts, portal, sessions, contacts, activity, attempts, devices, hashing, portalUrl, commit, source } =
    deps;
  const tokens = sessionTokens(sessions, source);
  const invalidLink = () => new Problem('link-invalid');

  /** The entry about a link. Its id follows from the link, so that there is one of each kind. */
  function entryOf(
    company: CompanyId,
    { clientId, contactId }: ContactIds,
    linkHash: string,
    event: Pick<ActivityEvent, 'by' | 'action'> & { label: string },
  ): Write[] {
    const { by, action, label } = event;
    const at = source.now();
    const id = idOfEvent(ActivityId, 'act', at, `${linkHash}#${action}`);
    const subject = { type: 'contact', id: contactId, label } as const;
    return activity(company, clientId, { id, at: at.toISOString() }, { by, action, subject, changes: [] });
  }

  async function findLink({ company: slug, token }: PortalLinkAcceptance): Promise<Opened | undefined> {
    // An ill-formed slug would be an ill-formed key.
    const companyId = Slug.safeParse(slug).success ? await accounts.companyIdOf(slug) : undefined;
    const link = companyId && (await portal.link(companyId, hashSecret(token), source.now()));
    if (!companyId || !link) return undefined;
    const ids = { clientId: link.clientId, contactId: link.contactId };
    const { contact, client, company, login } = await portal.signInState(companyId, ids);
    if (!contact || !client || !company || !isPortalOpen(client)) return undefined;
    if (portalGeneration(contact, client) !== link.generation) return undefined;
    const at = source.now().toISOString();
    return { companyId, company, ids, token, contact, client, passwordHash: login?.passwordHash ?? '', at };
  }

  /** Signs an active contact in, whose password stays. */
  async function signIn({ companyId, company, ids, token, ...state }: Opened): Promise<Tokens> {
    const { contact, client } = state;
    const session = tokens.open({ companyId, ...ids }, portalGeneration(contact, client));
    const label = labelOf(contact);
    const by = authorOf({ kind: 'contact', id: ids.contactId, name: label, activityDays: company.activityDays });
    await commit(
      [
        session.write,
        ...portal.writesToSignIn(companyId, state, invalidLink),
        portal.writeToUseLink(companyId, hashSecret(token), invalidLink),
        ...entryOf(companyId, ids, hashSecret(token), { by, action: 'contact.portal-link-used', label }),
      ],
      undefined,
    );
    return session.tokens;
  }

  /** Sets the contact's password and signs it in. Its earlier sessions end. */
  async function setPassword({ companyId, company, ids, token, contact, at }: Opened, password: string) {
    await assertGoodPassword(password, [contact.email, fullName(contact)], '/password');
    const passwordHash = await hashing.hash(password, source.random(SALT_BYTES));
    const { credentialGeneration } = contact;
    let opened: Tokens | undefined;
    await contacts.acceptLink(
      { kind: 'contact', companyId, id: ids.contactId, name: labelOf(contact), activityDays: company.activityDays },
      ids,
      { credentialGeneration, at },
      async (writes, accepted) => {
        const session = tokens.open({ companyId, ...ids }, portalGeneration(accepted.contact, accepted.client));
        const used = [
          session.write,
          portal.writeToSetPassword(companyId, ids, passwordHash, at),
          portal.writeToUseLink(companyId, hashSecret(token), invalidLink),
        ];
        await commit([...writes, ...used], undefined);
        opened = session.tokens;
      },
    );
    if (!opened) throw invalidLink();
    return opened;
  }

  async function open(link: Opened, password: string | undefined): Promise<Tokens> {
    if (link.company.clientsModule.status !== 'active') throw new Problem('module-inactive');
    if (password !== undefined) return setPassword(link, password);
    if (link.contact.portal.status === 'active') return signIn(link);
    throw invalid({ pointer: '/password', code: 'required', detail: 'The contact has no password yet: choose one.' });
  }

  return {
    /**
     * Makes a link that signs the contact in. The table has only the hash of its token. Two calls.
     * @throws Problem `not-found`, `no-address`, `portal-closed`
     */
    async create(principal: Principal, ids: ContactIds): Promise<PortalLink> {
      const { companyId } = principal;
      const { contact, client, company } = await portal.me(companyId, ids);
      if (!contact || !client || !company) throw new Problem('not-found');
      if (contact.portal.username === null)
        throw new Problem('no-address', { detail: 'Give the contact an e-mail address or a username first.' });
      if (!isPortalOpen(client)) throw new Problem('portal-closed');
      const token = mintSecret(source);
      const ttl = Math.floor(source.now().getTime() / 1000) + LINK_SECONDS;
      const link = { ...ids, generation: portalGeneration(contact, client), ttl };
      const made = { by: authorOf(principal), action: 'contact.portal-link-created', label: labelOf(contact) } as const;
      await commit(
        [
          ...portal.writesToCreateLink(companyId, hashSecret(token), link, { contact, client }),
          ...entryOf(companyId, ids, hashSecret(token), made),
        ],
        undefined,
      );
      const expiresAt = new Date(ttl * 1000).toISOString();
      return { url: `${portalUrl}/${company.slug}/link#${token}`, token, expiresAt };
    },

    /**
     * Signs the holder of a link in as its contact, and sets the password if there is one. Every invalid link has the same
     * reply.
     * @throws Problem `link-invalid`, `too-many-attempts`, `validation`; `module-inactive` if the link is valid
     */
    async accept(input: PortalLinkAcceptance, address: string): Promise<SignedIn> {
      await attempts.checkAddress(address);
      if (input.password !== undefined) await assertGoodPassword(input.password, [], '/password');
      const origin = { kind: 'address', address } as const;
      try {
        const link = await findLink(input);
        if (!link) throw invalidLink();
        const issued = await open(link, input.password);
        const name = (link.contact.portal.username ?? '').normalize('NFKC');
        return { ...issued, deviceToken: await devices.tokenFor(link.companyId, name, origin) };
      } catch (error) {
        // The contact or the client may have been deleted since the link was made.
        const isInvalid = error instanceof Problem && (error.code === 'link-invalid' || error.code === 'not-found');
        if (!isInvalid) throw error;
        await attempts.failAddress(address);
        throw invalidLink();
      }
    },
  };
}

function labelOf(contact: { firstName: string | null; lastName: string | null; email: string | null }): string {
  return fullName(contact) ?? contact.email ?? '';
}
