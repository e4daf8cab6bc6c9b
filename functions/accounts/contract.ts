import * as z from 'zod';
import { ClaimedPassword, Company, Password, SignIn, SignUp, Tokens, User } from '../../lib/accounts/schema.ts';
import { contract } from '../../lib/platform/http/contract.ts';

const Jwk = z.object({
  kty: z.string(),
  crv: z.string(),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  use: z.string(),
  alg: z.string(),
});

export const CompanyWithUser = z.object({ company: Company, user: User }).meta({ id: 'CompanyWithUser' });

/** Sign-up, sign-in and what a signed-in person does with the own account. */
export const accounts = contract({
  signUp: {
    method: 'POST',
    path: '/v1/companies',
    tag: 'Accounts',
    summary: 'Sign a company up with its owner',
    description: 'Creates the company, its owner, the default settings and the client group General, all or nothing.',
    access: 'public',
    body: SignUp,
    reply: { status: 201, description: 'The company and its owner.', schema: CompanyWithUser, location: true },
    problems: ['slug-taken', 'sign-up-closed'],
  },
  signIn: {
    method: 'POST',
    path: '/v1/auth/sign-in',
    tag: 'Accounts',
    summary: 'Sign in',
    description:
      'Five failures in a row lock the account for a minute, each further one for twice as long, up to an hour. Unknown accounts answer the same.',
    access: 'public',
    body: SignIn,
    reply: { status: 200, description: 'An access token and a refresh token.', schema: Tokens },
    problems: ['sign-in-failed', 'too-many-attempts'],
  },
  refreshSession: {
    method: 'POST',
    path: '/v1/auth/refresh',
    tag: 'Accounts',
    summary: 'Exchange a refresh token for new tokens',
    description: 'A refresh token is good once. One that is used again ends its session.',
    access: 'public',
    body: z.strictObject({ refreshToken: z.string().max(500) }).meta({ id: 'RefreshToken' }),
    reply: { status: 200, description: 'New tokens.', schema: Tokens },
    problems: ['unauthenticated'],
  },
  signOut: {
    method: 'POST',
    path: '/v1/auth/sign-out',
    tag: 'Accounts',
    summary: 'End the session',
    access: { role: 'user' },
    body: z.strictObject({ refreshToken: z.string().max(500).optional() }).meta({ id: 'SignOut' }),
    bodyOptional: true,
    reply: { status: 204, description: 'Access token and refresh token of the session are no longer good.' },
    problems: [],
  },
  getMe: {
    method: 'GET',
    path: '/v1/me',
    tag: 'Accounts',
    summary: 'Who am I',
    access: { role: 'user' },
    reply: { status: 200, description: 'The caller and its company.', schema: CompanyWithUser },
    problems: ['not-found'],
  },
  changePassword: {
    method: 'POST',
    path: '/v1/me/password',
    tag: 'Accounts',
    summary: 'Change the own password',
    description: 'Ends all other sessions of the user.',
    access: { role: 'user' },
    body: z.strictObject({ currentPassword: ClaimedPassword, newPassword: Password }).meta({ id: 'PasswordChange' }),
    reply: { status: 204, description: 'The password is changed.' },
    problems: ['not-found', 'wrong-password', 'too-many-attempts'],
  },
  getSigningKeys: {
    method: 'GET',
    path: '/.well-known/jwks.json',
    tag: 'Accounts',
    summary: 'The public keys that access tokens are signed with',
    access: 'public',
    reply: {
      status: 200,
      description: 'A JSON Web Key Set (RFC 7517).',
      schema: z.object({ keys: z.array(Jwk) }).meta({ id: 'Jwks' }),
    },
    problems: [],
  },
});
