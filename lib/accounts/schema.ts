import * as z from 'zod';
import { EmailAddress, EmailStatus, REACHABLE } from '../shared/email.ts';
import { ApiTokenId, CompanyId, MailId, UserId } from '../shared/ids.ts';
import { Country, Currency, Language, Timezone } from '../shared/locale.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { AwaitedMail, ClientsModule } from '../shared/principal.ts';
import { Role } from '../shared/roles.ts';
import { Instant, line } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

export const Slug = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/,
    'must be 3 to 63 of a-z, 0-9 and -, with a letter or digit at both ends',
  )
  .meta({
    id: 'Slug',
    description: 'Names the company in sign-in and portal; unique in the installation.',
    examples: ['northwind'],
  });

export const Password = z
  .string()
  .min(8)
  .max(200)
  .refine((password) => password.isWellFormed(), 'must be well-formed Unicode')
  .meta({ format: 'password', examples: ['correct horse battery staple'] });

/** A password as someone claims it: any text, so that a wrong one is wrong and not ill-formed. */
export const ClaimedPassword = z
  .string()
  .min(1)
  .max(1000)
  .meta({ format: 'password', examples: ['correct horse battery staple'] });

export const Company = z
  .object({
    id: CompanyId,
    slug: Slug,
    name: line(200).meta({ examples: ['Northwind Studio'] }),
    country: Country.nullable(),
    currency: Currency,
    language: Language,
    timezone: Timezone,
    createdAt: Instant,
    updatedAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'Company', description: 'Currency, language and time zone are those of the settings.' });
export type Company = z.infer<typeof Company>;

/** What a change of the company may write. */
export const CompanyInput = z.strictObject({ name: Company.shape.name, country: Company.shape.country.default(null) });
export const CompanyPatch = mergePatchOf(CompanyInput).meta({ id: 'CompanyPatch' });
export type CompanyPatch = z.output<typeof CompanyPatch>;

const UserStatus = z.enum(['invited', 'active', 'deactivated']).describe('`invited`: asked by mail, and not here yet.');

export const User = z
  .object({
    id: UserId,
    email: EmailAddress,
    emailStatus: EmailStatus.default(REACHABLE),
    name: line(200).meta({ examples: ['Ada Byron'] }),
    role: Role,
    status: UserStatus,
    createdAt: Instant,
    updatedAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** What a change of a user may write. */
export const UserInput = z.strictObject({
  name: User.shape.name,
  role: Role,
  status: z
    .enum(['active', 'deactivated'])
    .describe('`active` on a user who has not accepted the invitation yet means `invited`.'),
});
export type UserInput = z.output<typeof UserInput>;
export const UserPatch = mergePatchOf(UserInput).meta({ id: 'UserPatch' });
export type UserPatch = z.output<typeof UserPatch>;

/** Whom to invite to the staff. */
export const UserInvitation = z
  .strictObject({ email: EmailAddress, name: User.shape.name, role: Role })
  .meta({ id: 'UserInvitation' });
export type UserInvitation = z.output<typeof UserInvitation>;

export const SignUp = z
  .strictObject({
    company: z.strictObject({
      name: Company.shape.name,
      slug: Slug.optional().describe('Left out, it is made from the name.'),
      currency: Currency,
      language: Language.default('en'),
      country: Country.nullable().default(null),
      timezone: Timezone.default('UTC'),
    }),
    owner: z.strictObject({ email: EmailAddress, name: User.shape.name, password: Password }),
  })
  .meta({ id: 'SignUp' });
export type SignUp = z.output<typeof SignUp>;

export const SignIn = z
  .strictObject({
    company: z
      .string()
      .max(100)
      .meta({ examples: ['northwind'] }),
    email: z
      .string()
      .max(400)
      .meta({ examples: ['owner@northwind.example'] }),
    password: ClaimedPassword,
  })
  .meta({ id: 'SignIn' });

/** The company's slug as somebody claims it. */
const ClaimedCompany = SignIn.shape.company;

/** What a mailed link carries, with the password that its holder chooses. */
export const LinkWithPassword = z
  .strictObject({
    company: ClaimedCompany,
    token: z
      .string()
      .min(1)
      .max(200)
      .describe('What the mailed link carries.')
      .meta({ examples: ['Zm9yIGV4YW1wbGUgb25seSwgb3BlbnMgbm90aGluZyE'] }),
    password: Password,
  })
  .meta({ id: 'LinkWithPassword' });
export type LinkWithPassword = z.output<typeof LinkWithPassword>;

export const PasswordResetRequest = z
  .strictObject({ company: ClaimedCompany, email: SignIn.shape.email })
  .meta({ id: 'PasswordResetRequest' });

export const ApiToken = z
  .object({
    id: ApiTokenId,
    name: line(100).meta({ examples: ['Nightly export'] }),
    role: Role,
    prefix: z
      .string()
      .describe('How the secret begins, to tell tokens apart.')
      .meta({ examples: ['clt_01JD8X3V'] }),
    createdAt: Instant,
    createdBy: z.string().describe('The user or token that made it.'),
    lastUsedOn: z.iso.date().nullable().describe('The last day (UTC) that it was used.'),
  })
  .meta({ id: 'ApiToken' });
export type ApiToken = z.infer<typeof ApiToken>;

export const companyEntity = {
  name: 'company',
  version: 1,
  schema: Company.extend({
    /** Owners that are active: what keeps the last one from leaving. */
    owners: z.int().nonnegative(),
    clientsModule: ClientsModule.extend({ version: z.int().positive() }),
    /** Copied from the settings by every change of them, because each request needs it. */
    customFieldsDefined: z.boolean().default(false),
    /** Copied likewise: days for which the activity of clients is kept; null for ever. */
    activityDays: z.int().nullable().default(null),
  }),
} satisfies Entity<z.ZodType>;

export const userEntity = {
  name: 'user',
  version: 1,
  schema: User.extend({
    /** The invitation that waits to be accepted: only the link of this mail does. */
    invitation: AwaitedMail.optional(),
    /** Sessions from before are over. */
    sessionsSince: Instant.optional(),
  }),
} satisfies Entity<z.ZodType>;
export type StoredUser = z.output<typeof userEntity.schema>;

export const loginEntity = {
  name: 'login',
  version: 1,
  schema: z.object({
    userId: UserId,
    /** Missing until the invitation is accepted. */
    passwordHash: z.string().optional(),
    /** The mail whose link sets a new password, and no other. */
    reset: z.object({ mailId: MailId, at: Instant }).optional(),
  }),
} satisfies Entity<z.ZodType>;

/** Nothing, for a while: what is written where a real thing would be, so that the two look alike from outside. */
export const decoyEntity = {
  name: 'decoy',
  version: 1,
  schema: z.object({ ttl: z.int() }),
} satisfies Entity<z.ZodType>;

export const apiTokenEntity = {
  name: 'apiToken',
  version: 1,
  schema: ApiToken.extend({ secretHash: z.string() }),
} satisfies Entity<z.ZodType>;

export const slugEntity = {
  name: 'slug',
  version: 1,
  schema: z.object({ companyId: CompanyId }),
} satisfies Entity<z.ZodType>;
