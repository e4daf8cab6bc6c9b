import * as z from 'zod';
import { ApiTokenId, ClientId, CompanyId, ContactId, MailId, SessionId, UserId } from './ids.ts';
import { Role } from './roles.ts';
import { Instant } from './text.ts';

/** What a company requires of a client before it accepts one (spec 2, module switch). */
export const REQUIRABLE_FIELDS = [
  'name',
  'email',
  'contactName',
  'phone',
  'pricingId',
  'invoiceDelivery',
  'idNumber',
  'vatNumber',
  'billingAddress',
  'shippingAddress',
] as const;

/** The switch of the clients module: whether it is on, from which role on, and what a client must have. */
export const ClientsModule = z.strictObject({
  status: z.enum(['active', 'inactive']),
  minimumRole: Role.describe('The lowest role that may use the module.'),
  requiredFields: z
    .array(z.enum(REQUIRABLE_FIELDS))
    .max(REQUIRABLE_FIELDS.length)
    .describe('What a client must have to be created.'),
});
export type ClientsModule = z.infer<typeof ClientsModule>;

const ofCompany = {
  companyId: CompanyId,
  /** What it is called: of a person or a token. For traces only. */
  name: z.string(),
  timezone: z.string(),
  /** ISO 3166-1 alpha-2: where a phone number without a country code is taken to be from. */
  country: z.string().nullable(),
  clientsModule: ClientsModule,
  /** Whether the company has defined custom fields: only then their definitions are worth reading. */
  customFieldsDefined: z.boolean(),
  /** How long the activity of clients is kept; null for ever. */
  activityDays: z.int().nullable(),
};

/** Who calls of the company's own, as the authorizer found it in the table for this very request. */
export const Principal = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), ...ofCompany, role: Role, id: UserId, sessionId: SessionId }),
  z.object({ kind: z.literal('token'), ...ofCompany, role: Role, id: ApiTokenId }),
]);
export type Principal = z.infer<typeof Principal>;

/** Who asked for something, by id. */
export const Requester = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), id: UserId }),
  z.object({ kind: z.literal('token'), id: ApiTokenId }),
]);

/** A mail with a link that waits to be followed. */
export const AwaitedMail = z.object({ mailId: MailId, at: Instant, by: Requester });
export type AwaitedMail = z.infer<typeof AwaitedMail>;

/** A person of a client, signed in to the portal. */
export const PortalPrincipal = z.object({
  kind: z.literal('contact'),
  ...ofCompany,
  id: ContactId,
  clientId: ClientId,
  sessionId: SessionId,
});
export type PortalPrincipal = z.infer<typeof PortalPrincipal>;

/** Whoever can call what is not public. */
export const Caller = z.union([Principal, PortalPrincipal]);
export type Caller = z.infer<typeof Caller>;

/** The caller by id alone. */
export function requesterOf(principal: Principal): z.infer<typeof Requester> {
  return principal.kind === 'user'
    ? { kind: principal.kind, id: principal.id }
    : { kind: principal.kind, id: principal.id };
}
