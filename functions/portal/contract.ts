import * as z from 'zod';
import { LinkWithPassword } from '../../lib/accounts/schema.ts';
import { Tokens } from '../../lib/credentials/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ContactPasswordInput, ContactWithPassword } from '../../lib/portal/password-schema.ts';
import { PortalMe, PortalSignIn } from '../../lib/portal/schema.ts';
import { ClientId, ContactId } from '../../lib/shared/ids.ts';

const refreshToken = z.string().max(500);

/** What contacts of clients do for themselves, and how staff lets them in. */
export const portal = contract({
  acceptPortalInvitation: {
    method: 'POST',
    path: '/v1/portal/invitation/accept',
    tag: 'Portal',
    summary: 'Accept the invitation to the portal',
    description:
      'Sets the password and signs in. A link is good once, for 72 hours, and until a newer one is sent. A client that is inactive, fraud or archived has no portal.',
    access: 'public',
    body: LinkWithPassword,
    reply: { status: 200, description: 'An access token and a refresh token.', schema: Tokens },
    problems: ['link-invalid', 'module-inactive', 'too-many-attempts', 'write-conflict'],
  },
  portalSignIn: {
    method: 'POST',
    path: '/v1/portal/sign-in',
    tag: 'Portal',
    summary: 'Sign in to the portal',
    description:
      'The username is the e-mail address where the contact was given none. Five failures in a row lock the account for a minute, each further one for twice as long, up to an hour. Unknown accounts answer the same.',
    access: 'public',
    body: PortalSignIn,
    reply: { status: 200, description: 'An access token and a refresh token.', schema: Tokens },
    problems: ['sign-in-failed', 'module-inactive', 'too-many-attempts'],
  },
  refreshPortalSession: {
    method: 'POST',
    path: '/v1/portal/refresh',
    tag: 'Portal',
    summary: 'Exchange a refresh token of the portal for new tokens',
    description: 'A refresh token is good once. One that is used again ends its session.',
    access: 'public',
    body: z.strictObject({ refreshToken }).meta({ id: 'PortalRefreshToken' }),
    reply: { status: 200, description: 'New tokens.', schema: Tokens },
    problems: ['unauthenticated', 'module-inactive'],
  },
  portalSignOut: {
    method: 'POST',
    path: '/v1/portal/sign-out',
    tag: 'Portal',
    summary: 'End the session in the portal',
    access: 'portal',
    body: z.strictObject({ refreshToken: refreshToken.optional() }).meta({ id: 'PortalSignOut' }),
    bodyOptional: true,
    reply: { status: 204, description: 'Access token and refresh token of the session are no longer good.' },
    problems: [],
  },
  getPortalMe: {
    method: 'GET',
    path: '/v1/portal/me',
    tag: 'Portal',
    summary: 'Who am I in the portal',
    access: 'portal',
    reply: { status: 200, description: 'The contact with its client and the company.', schema: PortalMe },
    problems: ['not-found'],
  },
  setContactPassword: {
    method: 'POST',
    path: '/v1/clients/{clientId}/contacts/{contactId}/password',
    tag: 'Contacts',
    summary: 'Give a contact a password for the portal',
    description:
      'The one that is sent, or a strong one that is made and shown in this answer only. Its invitation and its sessions from before are void.',
    access: { role: 'editor', module: 'clients' },
    params: z.strictObject({ clientId: ClientId, contactId: ContactId }),
    body: ContactPasswordInput,
    reply: { status: 200, description: 'The contact, which can sign in.', schema: ContactWithPassword },
    versioned: true,
    problems: ['not-found', 'no-address', 'stale-version', 'write-conflict'],
  },
});
