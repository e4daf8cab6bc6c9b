import * as z from 'zod';
import { LINK_WITH_PASSWORD, LinkWithPassword } from '../../lib/accounts/schema.ts';
import { RefreshToken, SignedIn, SignOut, Tokens } from '../../lib/credentials/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ContactPasswordInput, ContactWithPassword } from '../../lib/portal/password-schema.ts';
import { PortalLink, PortalLinkAcceptance, PortalMe, PortalSignIn } from '../../lib/portal/schema.ts';
import { ClientId, ContactId } from '../../lib/shared/ids.ts';

/** Sign-in and account of contacts, and the passwords that staff sets for them. */
export const portal = contract({
  acceptPortalInvitation: {
    method: 'POST',
    path: '/v1/portal/invitation/accept',
    tag: 'Portal',
    summary: 'Accept the invitation to the portal',
    description:
      'Sets the password and signs the contact in. A link can be used once within 72 hours, unless a newer one has been sent. The portal is closed for a client that is inactive, fraud or archived.',
    access: 'public',
    body: LinkWithPassword,
    examples: [{ body: LINK_WITH_PASSWORD }],
    reply: { status: 200, description: 'An access token and a refresh token.', schema: SignedIn },
    carriesCredential: true,
    problems: ['link-invalid', 'module-inactive', 'too-many-attempts', 'write-conflict'],
  },
  portalSignIn: {
    method: 'POST',
    path: '/v1/portal/sign-in',
    tag: 'Portal',
    summary: 'Sign in to the portal',
    description:
      'The username is the e-mail address, unless the contact was given another one. After five wrong passwords from one address in a row, the address has to wait for one minute before it may try this account again. Each further one doubles the time, up to one hour. A device that sends the device token of an earlier sign-in is counted apart, so that nobody can keep it out. The reply does not reveal whether an account exists.',
    access: 'public',
    body: PortalSignIn,
    examples: [
      { body: { company: 'demo', username: 'ada@northwind.example', password: 'correct horse battery staple' } },
    ],
    reply: { status: 200, description: 'An access token and a refresh token.', schema: SignedIn },
    carriesCredential: true,
    problems: ['sign-in-failed', 'module-inactive', 'too-many-attempts', 'write-conflict'],
  },
  acceptPortalLink: {
    method: 'POST',
    path: '/v1/portal/link/accept',
    tag: 'Portal',
    summary: 'Sign in to the portal with a link',
    description:
      'Signs the contact in with the token of a link that staff handed over. A contact that has no password yet must choose one; another one can set a new one, which ends its other sessions. A link can be used once within an hour.',
    access: 'public',
    body: PortalLinkAcceptance,
    examples: [{ body: LINK_WITH_PASSWORD }],
    reply: { status: 200, description: 'An access token and a refresh token.', schema: SignedIn },
    carriesCredential: true,
    problems: ['link-invalid', 'module-inactive', 'too-many-attempts', 'write-conflict'],
  },
  refreshPortalSession: {
    method: 'POST',
    path: '/v1/portal/refresh',
    tag: 'Portal',
    summary: 'Exchange a refresh token of the portal for new tokens',
    description:
      'A refresh token can be used once. If it is used again, its session ends, because one of the two senders must have stolen it.',
    access: 'public',
    body: RefreshToken,
    examples: [{ body: { refreshToken: 'clr_…' } }],
    reply: { status: 200, description: 'New tokens.', schema: Tokens },
    carriesCredential: true,
    problems: ['unauthenticated', 'module-inactive'],
  },
  portalSignOut: {
    method: 'POST',
    path: '/v1/portal/sign-out',
    tag: 'Portal',
    summary: 'Sign out of the portal',
    description: 'Ends the session of the access token. With a refresh token in the body, its session ends too.',
    access: 'portal',
    body: SignOut,
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 204, description: 'The tokens of the session are no longer valid.' },
    carriesCredential: true,
    problems: [],
  },
  getPortalMe: {
    method: 'GET',
    path: '/v1/portal/me',
    tag: 'Portal',
    summary: 'Read the signed-in contact',
    description: 'Who is signed in, for which client, and with which company.',
    access: 'portal',
    reply: { status: 200, description: 'The contact, its client and the company.', schema: PortalMe },
    problems: ['not-found'],
  },
  setContactPassword: {
    method: 'PUT',
    path: '/v1/clients/{clientId}/contacts/{contactId}/password',
    tag: 'Contacts',
    summary: 'Set a password for a contact',
    description:
      'Sets the given password, or generates a strong one that is shown only in this reply. Pending invitations and open sessions of the contact end.',
    access: { role: 'editor', module: 'clients' },
    params: z.strictObject({ clientId: ClientId, contactId: ContactId }),
    body: ContactPasswordInput,
    examples: [
      { title: 'Generate a password', body: {} },
      { title: 'Set a password', body: { password: 'correct horse battery staple' } },
    ],
    reply: { status: 200, description: 'The contact, who can now sign in.', schema: ContactWithPassword },
    versioned: true,
    problems: ['not-found', 'no-address', 'stale-version', 'write-conflict'],
  },
  createPortalLink: {
    method: 'POST',
    path: '/v1/clients/{clientId}/contacts/{contactId}/portal-link',
    tag: 'Contacts',
    summary: 'Make a link that opens the portal as a contact',
    description:
      'The link is to be handed over; it is not mailed. Its holder can use it once within an hour, to sign in as the contact. A contact without a password chooses one then. It becomes invalid earlier when the contact gets a new password or the portal is closed for the client. The activity has an entry for each link, and for its use.',
    access: { role: 'editor', module: 'clients' },
    params: z.strictObject({ clientId: ClientId, contactId: ContactId }),
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 201, description: 'The link. It is shown in this reply only.', schema: PortalLink },
    carriesCredential: true,
    problems: ['not-found', 'no-address', 'portal-closed', 'write-conflict'],
  },
});
