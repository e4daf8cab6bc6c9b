import * as z from 'zod';
import {
  ClaimedPassword,
  Company,
  LINK_WITH_PASSWORD,
  LinkWithPassword,
  MailedLink,
  MailRequest,
  Me,
  Password,
  SignIn,
  SignUp,
  User,
} from '../../lib/accounts/schema.ts';
import { RefreshToken, SignedIn, SignOut, Tokens } from '../../lib/credentials/schema.ts';
import { contract } from '../../lib/http/contract.ts';

const CompanyWithUser = z
  .object({ company: Company, user: User.describe('The owner.') })
  .meta({ id: 'CompanyWithUser' });

/** Sign-up, sign-in and the own account of a signed-in user. */
export const accounts = contract({
  signUp: {
    method: 'POST',
    path: '/v1/companies',
    tag: 'Accounts',
    summary: 'Sign up a company and its owner',
    description:
      'Creates the company, its owner, the default settings and the client group General in one transaction. The owner gets a mail with a link that verifies the e-mail address; until then the company sends mail to nobody else. Sign-ups are limited by IP address, hour and day. The operator of an installation can close sign-up.',
    access: 'public',
    body: SignUp,
    examples: [
      {
        body: {
          company: { name: 'Northwind Studio', currency: 'GBP', country: 'GB', timezone: 'Europe/London' },
          owner: { email: 'olive@northwind.example', name: 'Olive Owner', password: 'correct horse battery staple' },
        },
      },
    ],
    reply: { status: 201, description: 'The company and its owner.', schema: CompanyWithUser, location: true },
    carriesCredential: true,
    problems: ['slug-taken', 'sign-up-closed', 'too-many-sign-ups', 'too-many-mails'],
  },
  requestEmailVerification: {
    method: 'POST',
    path: '/v1/auth/email-verification',
    tag: 'Accounts',
    summary: 'Request another link that verifies the e-mail address of an owner',
    description:
      'The reply does not reveal whether the account exists or is verified. Mails to an address are limited by hour and day.',
    access: 'public',
    body: MailRequest,
    examples: [{ body: { company: 'demo', email: 'owner@demo.example' } }],
    reply: {
      status: 202,
      description: 'If an owner has this address and it is not verified, the link will be mailed.',
    },
    accountFields: ['company', 'email'],
    problems: ['too-many-attempts', 'too-many-mails', 'write-conflict'],
  },
  confirmEmailVerification: {
    method: 'POST',
    path: '/v1/auth/email-verification/confirm',
    tag: 'Accounts',
    summary: 'Verify the e-mail address of an owner with a mailed link',
    description:
      'From then on the company can send mail to others. A link can be used once within 72 hours, until the address is verified.',
    access: 'public',
    body: MailedLink,
    examples: [{ body: { company: 'demo', token: 'Zm9yIGV4YW1wbGUgb25seSwgb3BlbnMgbm90aGluZyE' } }],
    reply: { status: 204, description: 'The address is verified.' },
    carriesCredential: true,
    problems: ['link-invalid', 'too-many-attempts', 'write-conflict'],
  },
  signIn: {
    method: 'POST',
    path: '/v1/auth/sign-in',
    tag: 'Accounts',
    summary: 'Sign in',
    description:
      'After five wrong passwords from one address in a row, the address has to wait for one minute before it may try this account again. Each further one doubles the time, up to one hour. A device that sends the device token of an earlier sign-in is counted apart, so that nobody can keep it out. The reply does not reveal whether an account exists.',
    access: 'public',
    body: SignIn,
    examples: [{ body: { company: 'demo', email: 'owner@demo.example', password: 'harbour-lane-demo-2026' } }],
    reply: { status: 200, description: 'An access token and a refresh token.', schema: SignedIn },
    carriesCredential: true,
    problems: ['sign-in-failed', 'too-many-attempts', 'write-conflict'],
  },
  refreshSession: {
    method: 'POST',
    path: '/v1/auth/refresh',
    tag: 'Accounts',
    summary: 'Exchange a refresh token for new tokens',
    description:
      'A refresh token can be used once. If it is used again, its session ends, because one of the two senders must have stolen it.',
    access: 'public',
    body: RefreshToken,
    examples: [{ body: { refreshToken: 'clr_…' } }],
    reply: { status: 200, description: 'New tokens.', schema: Tokens },
    carriesCredential: true,
    problems: ['unauthenticated'],
  },
  acceptUserInvitation: {
    method: 'POST',
    path: '/v1/auth/invitation/accept',
    tag: 'Accounts',
    summary: 'Accept the invitation to the staff',
    description:
      'Sets the password and signs the user in. A link can be used once within 72 hours, unless a newer one has been sent.',
    access: 'public',
    body: LinkWithPassword,
    examples: [{ body: LINK_WITH_PASSWORD }],
    reply: { status: 200, description: 'An access token and a refresh token.', schema: SignedIn },
    carriesCredential: true,
    problems: ['link-invalid', 'too-many-attempts', 'write-conflict'],
  },
  requestPasswordReset: {
    method: 'POST',
    path: '/v1/auth/password-reset',
    tag: 'Accounts',
    summary: 'Request a link to set a new password',
    description:
      'The reply does not reveal whether the account exists. Mails to an address are limited by hour and day.',
    access: 'public',
    body: MailRequest,
    examples: [{ body: { company: 'demo', email: 'owner@demo.example' } }],
    reply: { status: 202, description: 'If the account exists, the link will be mailed.' },
    accountFields: ['company', 'email'],
    problems: ['too-many-attempts', 'too-many-mails', 'write-conflict'],
  },
  confirmPasswordReset: {
    method: 'POST',
    path: '/v1/auth/password-reset/confirm',
    tag: 'Accounts',
    summary: 'Set a new password with a mailed link',
    description:
      'Ends all sessions of the user, and verifies the e-mail address of an owner. A link can be used once within one hour, unless a newer one has been sent.',
    access: 'public',
    body: LinkWithPassword,
    examples: [{ body: LINK_WITH_PASSWORD }],
    reply: { status: 204, description: 'The password is set.' },
    carriesCredential: true,
    problems: ['link-invalid', 'too-many-attempts', 'write-conflict'],
  },
  signOut: {
    method: 'POST',
    path: '/v1/auth/sign-out',
    tag: 'Accounts',
    summary: 'Sign out',
    description:
      'Ends the session of the access token, and the session of the refresh token if it is another one of the user.',
    access: { role: 'user' },
    body: SignOut,
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 204, description: 'The tokens of the session are no longer valid.' },
    carriesCredential: true,
    problems: [],
  },
  getMe: {
    method: 'GET',
    path: '/v1/me',
    tag: 'Accounts',
    summary: 'Read who calls',
    description: 'Works for users and for API tokens: who it is, what it may do now, and for which company.',
    access: { role: 'user' },
    reply: { status: 200, description: 'The caller and the company.', schema: Me },
    problems: ['not-found'],
  },
  changePassword: {
    method: 'POST',
    path: '/v1/me/password',
    tag: 'Accounts',
    summary: 'Change your password',
    description: 'Ends all other sessions of the user.',
    access: { role: 'user' },
    body: z.strictObject({ currentPassword: ClaimedPassword, newPassword: Password }).meta({ id: 'PasswordChange' }),
    examples: [{ body: { currentPassword: 'harbour-lane-demo-2026', newPassword: 'correct horse battery staple' } }],
    reply: { status: 204, description: 'The password is changed.' },
    carriesCredential: true,
    problems: ['not-found', 'wrong-password', 'too-many-attempts', 'write-conflict'],
  },
});
