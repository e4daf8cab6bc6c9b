import * as z from 'zod';
import { LinkWithPassword } from '../../lib/accounts/schema.ts';
import { SignedIn, Tokens } from '../../lib/credentials/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ContactPasswordInput, ContactWithPassword } from '../../lib/portal/password-schema.ts';
import { PortalMe, PortalSignIn } from '../../lib/portal/schema.ts';
import { ClientId, ContactId } from '../../lib/shared/ids.ts';

const refreshToken = z.string().max(500);

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
    examples: [
      {
        body: {
          company: 'demo',
          token: 'Zm9yIGV4YW1wbGUgb25seSwgb3BlbnMgbm90aGluZyE',
          password: 'correct horse battery staple',
        },
      },
    ],
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
  refreshPortalSession: {
    method: 'POST',
    path: '/v1/portal/refresh',
    tag: 'Portal',
    summary: 'Exchange a refresh token of the portal for new tokens',
    description:
      'A refresh token can be used once. If it is used again, its session ends, because one of the two senders must have stolen it.',
    access: 'public',
    body: z.strictObject({ refreshToken }).meta({ id: 'PortalRefreshToken' }),
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
    body: z.strictObject({ refreshToken: refreshToken.optional() }).meta({ id: 'PortalSignOut' }),
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
    method: 'POST',
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
    carriesCredential: true,
    problems: ['not-found', 'no-address', 'stale-version', 'write-conflict'],
  },
});
