import * as z from 'zod';
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

/** What every request of a company's people needs to know of the company. */
interface OfCompany {
  companyId: CompanyId;
  /** Of the person or the API token; for activity only. */
  name: string;
  timezone: string;
  /** ISO 3166-1 alpha-2: the country whose numbering plan reads phone numbers without a country code. */
  country: string | null;
  clientsModule: ClientsModule;
  /** Whether the company has defined custom fields: only then are their definitions worth reading. */
  customFieldsDefined: boolean;
  /** Days for which the activity of clients is kept; null for ever. */
  activityDays: number | null;
}

/** A user of the company, signed in. */
export interface UserPrincipal extends OfCompany {
  kind: 'user';
  id: UserId;
  role: Role;
  sessionId: SessionId;
}

/** A program with an API token. */
export interface TokenPrincipal extends OfCompany {
  kind: 'token';
  id: ApiTokenId;
  role: Role;
}

/** Whoever acts for the company. */
export type Principal = UserPrincipal | TokenPrincipal;

/** A contact of a client, signed in to the portal. */
export interface PortalPrincipal extends OfCompany {
  kind: 'contact';
  id: ContactId;
  clientId: ClientId;
  sessionId: SessionId;
}

/** Whoever can call a route that is not public. */
export type Caller = Principal | PortalPrincipal;

/** Who asked for something, by id. */
export const Requester = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), id: UserId }),
  z.object({ kind: z.literal('token'), id: ApiTokenId }),
]);

/** A mail with a link that waits to be followed. */
export const AwaitedMail = z.object({ mailId: MailId, at: Instant, by: Requester });
export type AwaitedMail = z.infer<typeof AwaitedMail>;

/** The caller by id alone. */
export function requesterOf(principal: Principal): z.infer<typeof Requester> {
  return principal.kind === 'user'
    ? { kind: principal.kind, id: principal.id }
    : { kind: principal.kind, id: principal.id };
}
