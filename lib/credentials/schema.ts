import * as z from 'zod';
import { ApiTokenId, ClientId, ContactId, SessionId, UserId } from '../shared/ids.ts';
import { ClientsModule } from '../shared/principal.ts';
import { Role } from '../shared/roles.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

export const Tokens = z
  .object({
    accessToken: z
      .string()
      .describe('An opaque token to send as `Authorization: Bearer …`.')
      .meta({ examples: ['cla_…'] }),
    refreshToken: z
      .string()
      .describe('An opaque token that can be exchanged once for new tokens.')
      .meta({ examples: ['clr_…'] }),
    tokenType: z.literal('Bearer').describe('How the access token is sent.'),
    expiresIn: z
      .int()
      .positive()
      .describe('Seconds for which the access token is valid.')
      .meta({ examples: [900] }),
  })
  .meta({ id: 'Tokens' });
export type Tokens = z.infer<typeof Tokens>;

/** What a device sends with a sign-in to be recognised. A wrong one is like none. */
export const ClaimedDeviceToken = z
  .string()
  .max(500)
  .optional()
  .describe('The device token of an earlier sign-in. It lets this device in while strangers guess passwords.')
  .meta({ examples: ['cld_…'] });

export const SignedIn = Tokens.extend({
  deviceToken: z
    .string()
    .describe('Keep it on this device after sign-out, and send it with the next sign-in. It gives no access.')
    .meta({ examples: ['cld_…'] }),
}).meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof SignedIn>;

const AccessToken = z.object({
  /** SHA-256 of the secret. */
  hash: z.string(),
  /** Epoch seconds. */
  until: z.int(),
});
export type AccessToken = z.infer<typeof AccessToken>;

export const sessionEntity = {
  name: 'session',
  version: 1,
  schema: z.object({
    id: SessionId,
    /** Access tokens that may still be valid. Several, because each tab of a browser refreshes the shared session by itself. */
    access: z.array(AccessToken),
    /** SHA-256 of the secret of the only valid refresh token. */
    refreshHash: z.string(),
    createdAt: Instant,
    /** The generation of the credentials that it was opened with. It is valid only while they have the same one. */
    generation: z.string(),
    /** Epoch seconds. From then on the session has expired, even if DynamoDB has not removed the item yet. */
    ttl: z.int(),
  }),
} satisfies Entity;
export type Session = z.infer<typeof sessionEntity.schema>;

// The parts of stored records that identify a caller. Every request reads them, so they have no other fields.

export const callersCompany = {
  name: 'company',
  version: 1,
  schema: z.object({
    timezone: z.string(),
    country: z.string().nullable(),
    customFieldsDefined: z.boolean().default(false),
    activityDays: z.int().nullable().default(null),
    mailVerifiedAt: Instant.nullable().default(null),
    clientsModule: ClientsModule.extend({ version: z.int() }),
  }),
} satisfies Entity;

export const callingUser = {
  name: 'user',
  version: 1,
  schema: z.object({
    id: UserId,
    name: z.string(),
    role: Role,
    status: z.string(),
    credentialGeneration: z.int(),
    apiTokenGeneration: z.int(),
  }),
} satisfies Entity;

export const callingContact = {
  name: 'contact',
  version: 1,
  schema: z.object({
    id: ContactId,
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    email: z.string().nullable(),
    portal: z.object({ status: z.string() }),
    credentialGeneration: z.int(),
  }),
} satisfies Entity;

export const callersClient = {
  name: 'client',
  version: 1,
  schema: z.object({
    id: ClientId,
    status: z.string(),
    archivedAt: Instant.nullable(),
    portalGeneration: z.int(),
  }),
} satisfies Entity;

export const callingApiToken = {
  name: 'apiToken',
  version: 1,
  schema: z.object({
    id: ApiTokenId,
    name: z.string(),
    role: Role,
    secretHash: z.string(),
    lastUsedOn: z.string().nullable(),
    createdBy: UserId,
    generation: z.int(),
  }),
} satisfies Entity;
