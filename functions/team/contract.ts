import * as z from 'zod';
import { ApiToken, ChangedUser, User, UserInvitation, UserPatch } from '../../lib/accounts/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ApiTokenId, UserId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';
import { Role } from '../../lib/shared/roles.ts';

const list = z.strictObject(listQuery);

/** The staff of the company and its API tokens. */
export const team = contract({
  listUsers: {
    method: 'GET',
    path: '/v1/users',
    tag: 'Team',
    summary: 'List the users',
    access: { role: 'viewer' },
    query: list,
    reply: { status: 200, description: 'A page of users, oldest first.', schema: pageOf('UserPage', User) },
    problems: ['bad-cursor'],
  },
  inviteUser: {
    method: 'POST',
    path: '/v1/users',
    tag: 'Team',
    summary: 'Invite a user by mail',
    description:
      'The mail has a link to join, which is valid for 72 hours. The role cannot be higher than the role of the caller.',
    access: { role: 'admin' },
    body: UserInvitation,
    examples: [{ body: { email: 'tomas@demo.example', name: 'Tomas Berg', role: 'editor' } }],
    reply: { status: 201, description: 'The user, with status `invited`.', schema: User, location: true },
    versioned: true,
    problems: ['email-taken', 'email-not-verified', 'too-many-mails', 'write-conflict'],
  },
  sendUserInvitation: {
    method: 'POST',
    path: '/v1/users/{userId}/invitation',
    tag: 'Team',
    summary: 'Send the invitation of a user again',
    description: 'The link in the earlier mail is no longer valid.',
    access: { role: 'admin' },
    params: z.strictObject({ userId: UserId }),
    body: z.strictObject({}),
    bodyOptional: true,
    examples: [{ body: {} }],
    reply: { status: 202, description: 'The mail will be sent.', schema: User },
    problems: ['not-found', 'already-active', 'email-not-verified', 'too-many-mails', 'write-conflict'],
  },
  getUser: {
    method: 'GET',
    path: '/v1/users/{userId}',
    tag: 'Team',
    summary: 'Read a user',
    access: { role: 'viewer' },
    params: z.strictObject({ userId: UserId }),
    reply: { status: 200, description: 'The user.', schema: User },
    versioned: true,
    problems: ['not-found'],
  },
  changeUser: {
    method: 'PATCH',
    path: '/v1/users/{userId}',
    tag: 'Team',
    summary: 'Change name, role or status of a user',
    description:
      'A deactivated user is signed out everywhere and cannot sign in, and the API tokens that the user made are revoked. A user who has not accepted the invitation stays invited. The last active owner can be neither demoted nor deactivated. The caller cannot change a user with a higher role, or give a role that is higher than the own.',
    access: { role: 'admin' },
    params: z.strictObject({ userId: UserId }),
    body: UserPatch,
    examples: [{ body: { role: 'viewer' } }],
    reply: { status: 200, description: 'The user.', schema: ChangedUser },
    versioned: true,
    problems: ['not-found', 'last-owner', 'stale-version', 'write-conflict'],
  },
  createApiToken: {
    method: 'POST',
    path: '/v1/api-tokens',
    tag: 'Team',
    summary: 'Create an API token',
    description:
      'Only people create tokens. The secret is shown only in this reply. The role cannot be higher than the role of the caller. A token never does more than the user who made it may do at that moment, and ends when that user is deactivated.',
    access: { role: 'admin', peopleOnly: true },
    body: z.strictObject({ name: ApiToken.shape.name, role: Role }).meta({ id: 'ApiTokenInput' }),
    examples: [{ body: { name: 'Nightly export', role: 'viewer' } }],
    reply: {
      status: 201,
      description: 'The token with its secret.',
      schema: ApiToken.extend({ secret: z.string() }).meta({ id: 'ApiTokenWithSecret' }),
    },
    carriesCredential: true,
    problems: ['write-conflict'],
  },
  listApiTokens: {
    method: 'GET',
    path: '/v1/api-tokens',
    tag: 'Team',
    summary: 'List the API tokens',
    access: { role: 'admin' },
    query: list,
    reply: { status: 200, description: 'A page of tokens, oldest first.', schema: pageOf('ApiTokenPage', ApiToken) },
    problems: ['bad-cursor'],
  },
  revokeApiToken: {
    method: 'DELETE',
    path: '/v1/api-tokens/{tokenId}',
    tag: 'Team',
    summary: 'Revoke an API token',
    description: 'The role of the caller must be at least that of the token, and of the user who made it.',
    access: { role: 'admin' },
    params: z.strictObject({ tokenId: ApiTokenId }),
    reply: { status: 204, description: 'The token is no longer valid.' },
    problems: ['not-found'],
  },
});
