import * as z from 'zod';
import type { CustomFieldShapes } from './custom-field-shapes.ts';
import { ApiTokenId, type ClientId, type CompanyId, type ContactId, MailId, type SessionId, UserId } from './ids.ts';
import { Role } from './roles.ts';
import { Instant } from './text.ts';

/** Fields of a client that a company can require before it accepts one. */
const REQUIRABLE_FIELDS = [
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

/** The clients module of a company: whether it is active, who may use it, and what a client must have. */
export const ClientsModule = z.strictObject({
  status: z.enum(['active', 'inactive']).describe('Whether the module can be used.'),
  minimumRole: Role.describe('The lowest role that may use the module.'),
  requiredFields: z
    .array(z.enum(REQUIRABLE_FIELDS))
    .max(REQUIRABLE_FIELDS.length)
    .describe('Fields that a client must have.'),
});
export type ClientsModule = z.infer<typeof ClientsModule>;

/** The part of a principal that comes from its company. */
interface CompanyContext {
  companyId: CompanyId;
  /** The name of the person or the API token. Only the activity uses it. */
  name: string;
  timezone: string;
  /** ISO 3166-1 alpha-2. Phone numbers without a country code are read as numbers of this country. */
  country: string | null;
  clientsModule: ClientsModule;
  /** Whether the company has defined or removed custom fields. If not, their definitions need not be read. */
  customFieldsDefined: boolean;
  /** What stored custom values must be to be shown. */
  customFieldShapes?: CustomFieldShapes | undefined;
  /** Days for which the activity of clients is kept; null for ever. */
  activityDays: number | null;
  /** Whether the owner's e-mail address was verified. Until then the company sends mail to nobody else. */
  mayMailOthers: boolean;
}

/** A user of the company, signed in. */
export interface UserPrincipal extends CompanyContext {
  kind: 'user';
  id: UserId;
  role: Role;
  sessionId: SessionId;
}

/** A program that uses an API token. */
export interface TokenPrincipal extends CompanyContext {
  kind: 'token';
  id: ApiTokenId;
  role: Role;
}

/** A user or an API token of the company. */
export type Principal = UserPrincipal | TokenPrincipal;

/** A contact of a client, signed in to the portal. */
export interface PortalPrincipal extends CompanyContext {
  kind: 'contact';
  id: ContactId;
  clientId: ClientId;
  sessionId: SessionId;
}

/** A caller of a route that is not public. */
export type Caller = Principal | PortalPrincipal;

/** The user or API token that requested something, by id. */
export const Requester = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), id: UserId }),
  z.object({ kind: z.literal('token'), id: ApiTokenId }),
]);

/** A mail whose link has not been used yet. */
export const AwaitedMail = z.object({ mailId: MailId, at: Instant, by: Requester });
export type AwaitedMail = z.infer<typeof AwaitedMail>;

/** The caller as a requester. */
export function requesterOf(principal: Principal): z.infer<typeof Requester> {
  return principal.kind === 'user'
    ? { kind: principal.kind, id: principal.id }
    : { kind: principal.kind, id: principal.id };
}
