import * as z from 'zod';
import { ApiTokenId, CompanyId, SessionId, UserId } from './ids.ts';
import { Role } from './roles.ts';

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
  role: Role,
  timezone: z.string(),
  /** ISO 3166-1 alpha-2: where a phone number without a country code is taken to be from. */
  country: z.string().nullable(),
  clientsModule: ClientsModule,
  /** Whether the company has defined custom fields: only then their definitions are worth reading. */
  customFieldsDefined: z.boolean(),
};

/** Who calls, as the authorizer found it in the table for this very request. */
export const Principal = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), ...ofCompany, id: UserId, sessionId: SessionId }),
  z.object({ kind: z.literal('token'), ...ofCompany, id: ApiTokenId }),
]);
export type Principal = z.infer<typeof Principal>;
