import * as z from 'zod';
import { ClaimedPassword, Company, LinkWithPassword, Password, SignIn } from '../accounts/schema.ts';
import { ClaimedDeviceToken } from '../credentials/schema.ts';
import { ClientId, ContactId } from '../shared/ids.ts';
import { Language } from '../shared/locale.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

export const PortalSignIn = z
  .strictObject({
    company: SignIn.shape.company.describe('The slug of the company.'),
    username: z
      .string()
      .max(400)
      .meta({
        description: 'The username, or the e-mail address of a contact without one.',
        examples: ['ada@northwind.example'],
      }),
    password: ClaimedPassword.describe('The password.'),
    deviceToken: ClaimedDeviceToken,
  })
  .meta({ id: 'PortalSignIn' });
export type PortalSignIn = z.output<typeof PortalSignIn>;

/** What the holder of a link sends that staff handed over. */
export const PortalLinkAcceptance = z
  .strictObject({
    company: LinkWithPassword.shape.company,
    token: LinkWithPassword.shape.token,
    password: Password.optional().describe('The new password. Required if the contact has none yet.'),
  })
  .meta({ id: 'PortalLinkAcceptance' });
export type PortalLinkAcceptance = z.output<typeof PortalLinkAcceptance>;

export const PortalLink = z
  .object({
    url: z
      .string()
      .describe('The address to hand over. Whoever has it can sign in as the contact.')
      .meta({ examples: ['https://portal.example/northwind/link#k3J…'] }),
    token: z
      .string()
      .describe('The part of the address after `#`, which the page sends to `POST /v1/portal/link/accept`.')
      .meta({ examples: ['k3J…'] }),
    expiresAt: Instant.describe('Until when it can be used, unless it is used before.'),
  })
  .meta({ id: 'PortalLink' });
export type PortalLink = z.output<typeof PortalLink>;

/** A link to the portal, by the hash of its token. It is valid in the generation of the contact's credentials that it names. */
export const portalLinkEntity = {
  name: 'portalLink',
  version: 1,
  schema: z.object({
    clientId: ClientId,
    contactId: ContactId,
    generation: z.string(),
    /** Epoch seconds of the expiry. DynamoDB removes the item some time after it. */
    ttl: z.int(),
  }),
} satisfies Entity;

const ContactOfPortal = z.object({
  id: ContactId,
  firstName: z.string().nullable().describe('The first name; null if there is none.'),
  lastName: z.string().nullable().describe('The last name; null if there is none.'),
  title: z.string().nullable().describe('The position or form of address; null if there is none.'),
  email: z.string().nullable().describe('The e-mail address; null if there is none.'),
  phone: z.string().nullable().describe('The phone number; null if there is none.'),
  language: Language.nullable().describe('The language of mails; null for the language of the client.'),
  username: z
    .string()
    .nullable()
    .describe('The name to sign in with; null if the contact signs in with the e-mail address.'),
});

const ClientOfPortal = z.object({
  id: ClientId,
  number: z.string().meta({ description: 'The client number.', examples: ['0001'] }),
  displayName: z.string().meta({ description: 'The name of the client.', examples: ['Northwind Studio'] }),
});

/** The contact, its client and the company, as the portal shows them. */
export const PortalMe = z
  .object({
    contact: ContactOfPortal.describe('The contact who is signed in.'),
    client: ClientOfPortal.describe('The client of the contact.'),
    company: Company.pick({ slug: true, name: true, language: true, timezone: true }).describe(
      'The company that invoices.',
    ),
  })
  .meta({ id: 'PortalMe' });
export type PortalMe = z.output<typeof PortalMe>;

/** The part of a stored contact that the portal reads. */
export const portalContactEntity = {
  name: 'contact',
  version: 1,
  schema: ContactOfPortal.omit({ username: true }).extend({
    portal: z.object({ status: z.string(), username: z.string().nullable() }),
    credentialGeneration: z.int(),
  }),
} satisfies Entity;

/** The part of a stored client that the portal reads. */
export const portalClientEntity = {
  name: 'client',
  version: 1,
  schema: ClientOfPortal.extend({
    status: z.string(),
    archivedAt: Instant.nullable(),
    portalGeneration: z.int(),
  }),
} satisfies Entity;

/** The uniqueness guard of a username, with the contact that has it. */
export const usernameGuardEntity = {
  name: 'guard',
  version: 1,
  schema: z.object({ clientId: ClientId, contactId: ContactId }),
} satisfies Entity;

/** A contact's password. It exists exactly while the contact's portal status is `active`. */
export const portalLoginEntity = {
  name: 'portalLogin',
  version: 1,
  schema: z.object({ contactId: ContactId, passwordHash: z.string(), changedAt: Instant }),
} satisfies Entity;
