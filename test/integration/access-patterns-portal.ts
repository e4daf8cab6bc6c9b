import { contactRepository, contactWrites } from '../../lib/clients/contacts/repository.ts';
import { contactService } from '../../lib/clients/contacts/service.ts';
import type { ClientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import type { ClientService } from '../../lib/clients/service.ts';
import type { MailId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Measure } from '../support/calls.ts';
import { mailAdmissionOf } from '../support/mail-admission.ts';
import { newAccountsOf } from '../support/new-accounts.ts';
import { portalWorld } from '../support/portal-world.ts';
import type { TestSource } from '../support/table.ts';

interface Company {
  table: Table;
  source: TestSource;
  principal: Principal;
  repository: ClientRepository;
  clients: ClientService;
}

const ADDRESS = '192.0.2.1';
const company = 'northwind';
const password = 'correct horse battery staple';

/** Measures invitations, password resets and the portal. */
export async function measurePortal(measure: Measure, own: Company): Promise<void> {
  const { table, source, principal, repository, clients } = own;
  const { companyId } = principal;
  const world = portalWorld(table, source);
  const linkOf = async (mail: { mailId: MailId } | undefined) => ({
    company,
    password,
    token: mail ? await world.deliver(companyId, mail.mailId) : '',
  });

  const email = 'uma@northwind.example';
  const invitee = { email, name: 'Uma', role: 'user' } as const;
  const { id: user } = await measure('inviteUser', () => world.team.invite(principal, invitee, committing(table)));
  await measure('sendUserInvitation', () => world.team.inviteAgain(principal, user, committing(table)));
  const link = await linkOf((await world.accounts.user(companyId, user))?.invitation);
  await measure('acceptUserInvitation', () => world.staffLinks.acceptInvitation(link, ADDRESS));
  await measure('requestPasswordReset', () => world.staffLinks.requestReset(company, email, ADDRESS));
  const reset = await linkOf((await world.accounts.login(companyId, email))?.reset);
  await measure('requestPasswordResetOfNobody', () => world.staffLinks.requestReset(company, 'no@x.example', ADDRESS));
  await measure('confirmPasswordReset', () => world.staffLinks.confirmReset(reset, ADDRESS));

  const contacts = contactService({
    clients: repository,
    contacts: contactRepository(table),
    writesToReplaceContacts: contactWrites(table.name).writesToReplace,
    customFieldFaults: async () => [],
    admitMail: mailAdmissionOf(table, source).admit,
    accounts: newAccountsOf(table, source),
    commit: committing(table),
    source,
  });
  const username = 'ada@portal.example';
  const input = ClientInput.parse({ name: 'P', contacts: [{ email: username }] });
  const { id: clientId, contacts: created } = await clients.create(principal, input, committing(table));
  const contactId = created[0]?.id;
  if (!contactId) throw new Error('it has a contact');
  const invited = await measure('inviteContact', () =>
    contacts.invite(principal, clientId, contactId, undefined, committing(table)),
  );
  const invitation = await linkOf(invited.invitation);
  await measure('acceptPortalInvitation', () => world.invitations.accept(invitation, ADDRESS));
  const tokens = await measure('portalSignIn', () => world.sessions.signIn({ company, username, password }, ADDRESS));
  const caller = await measure('authorizeContact', () => world.resolve(`Bearer ${tokens.accessToken}`));
  if (caller?.kind !== 'contact') throw new Error('nobody');
  await measure('getPortalMe', () => world.sessions.me(caller));
  await measure('refreshPortalSession', () => world.sessions.refresh(tokens.refreshToken, committing(table)));
  await measure('portalSignOut', () => world.sessions.signOut(caller, undefined));
  await measure('setContactPassword', () =>
    world.passwords.set(principal, { clientId, contactId }, { password }, undefined, committing(table)),
  );
  const { token } = await measure('createPortalLink', () => world.links.create(principal, { clientId, contactId }));
  await measure('acceptPortalLink', () => world.links.accept({ company, token }, ADDRESS));
  const account = { generate: true } as const;
  await measure('createClientWithAccount', () =>
    clients.create(
      principal,
      ClientInput.parse({ name: 'V', number: 'V', contacts: [{ email: 'v@v.example', account }] }),
      committing(table),
    ),
  );
  const vatNumber = 'GB980780684';
  await measure('createClientWithVatNumber', () =>
    clients.create(principal, ClientInput.parse({ name: 'T', number: 'T', vatNumber }), committing(table)),
  );
  await measure('createClientWithVatNumberTwice', () =>
    clients.create(principal, ClientInput.parse({ name: 'T', number: 'T2', vatNumber }), committing(table)),
  );
  await measure('createClientWelcomed', () =>
    clients.create(
      principal,
      ClientInput.parse({ name: 'W', number: 'W', contacts: [{ email: 'w@w.example' }], sendWelcomeEmail: true }),
      committing(table),
    ),
  );
}
