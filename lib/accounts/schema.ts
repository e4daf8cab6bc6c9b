import * as z from 'zod';
import { apiTokenMigrations, ClaimedDeviceToken } from '../credentials/schema.ts';
import { CustomFieldShapes } from '../shared/custom-field-shapes.ts';
import { EmailAddress, EmailStatus, REACHABLE } from '../shared/email.ts';
import { ApiTokenId, CompanyId, MailId, UserId } from '../shared/ids.ts';
import { Country, Currency, Language, Timezone } from '../shared/locale.ts';
import { mergePatchOf } from '../shared/merge-patch.ts';
import { AwaitedMail, ClientsModule } from '../shared/principal.ts';
import { Role } from '../shared/roles.ts';
import { Instant, line, senderName } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

export const Slug = z
  .string()
  .max(63, { abort: true })
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/,
    'must be 3 to 63 of a-z, 0-9 and -, with a letter or digit at both ends',
  )
  .meta({
    id: 'Slug',
    description: 'Identifies the company at sign-in and in the portal. It is unique in the installation.',
    examples: ['northwind'],
  });

export const Password = z
  .string()
  .min(12)
  .max(128)
  .refine((password) => password.isWellFormed(), 'must be well-formed Unicode')
  .describe('Not a common password, and at least eight characters besides names and addresses of the account.')
  .meta({ format: 'password', examples: ['correct horse battery staple'] });

/** A password to be verified. It may be any text, so that the reply to a wrong one is the same as to an ill-formed one. */
export const ClaimedPassword = z
  .string()
  .min(1)
  .max(1000)
  .describe('The present password.')
  .meta({ format: 'password', examples: ['correct horse battery staple'] });

const recordFields = (record: string) => ({
  createdAt: Instant.describe(`When the ${record} was created.`),
  updatedAt: Instant.describe(`When the ${record} was last changed.`),
  version: z.int().positive().describe(`Counts the changes of the ${record}. It is the ETag.`),
});

export const Company = z
  .object({
    id: CompanyId,
    slug: Slug,
    name: senderName(200)
      .describe('The name of the company, as clients read it.')
      .meta({ examples: ['Northwind Studio'] }),
    country: Country.nullable().describe(
      'Where the company is. Phone numbers without a country code are read as of this country.',
    ),
    currency: Currency,
    language: Language,
    timezone: Timezone,
    mailVerifiedAt: Instant.nullable()
      .default(null)
      .describe(
        'When the e-mail address of the owner was verified; null until then. Until then the company sends mail to nobody else.',
      ),
    ...recordFields('company'),
  })
  .meta({ id: 'Company', description: 'Currency, language and time zone are the ones of the company settings.' });
export type Company = z.infer<typeof Company>;

/** The fields of a company that a PATCH can change. */
export const CompanyInput = z.strictObject({ name: Company.shape.name, country: Company.shape.country.default(null) });
export const CompanyPatch = mergePatchOf(CompanyInput).meta({ id: 'CompanyPatch' });
export type CompanyPatch = z.output<typeof CompanyPatch>;

const UserStatus = z
  .enum(['invited', 'active', 'deactivated'])
  .describe('`invited`: the user has not accepted the invitation yet. `deactivated`: the user cannot sign in.');

export const User = z
  .object({
    id: UserId,
    email: EmailAddress.describe('The address that the user signs in with.'),
    emailStatus: EmailStatus.default(REACHABLE),
    name: senderName(200)
      .describe('The full name of the user.')
      .meta({ examples: ['Ada Byron'] }),
    role: Role,
    status: UserStatus,
    ...recordFields('user'),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** The fields of a user that a PATCH can change. */
export const UserInput = z.strictObject({
  name: User.shape.name,
  role: Role,
  status: z
    .enum(['active', 'deactivated'])
    .describe('A user who has not accepted the invitation yet gets the status `invited` instead of `active`.'),
});
export type UserInput = z.output<typeof UserInput>;
export const UserPatch = mergePatchOf(UserInput).meta({ id: 'UserPatch' });
export type UserPatch = z.output<typeof UserPatch>;

/** A person to invite to the staff. */
export const UserInvitation = z
  .strictObject({
    email: EmailAddress.describe('Where the invitation is sent, and the address to sign in with.'),
    name: User.shape.name,
    role: Role,
  })
  .meta({ id: 'UserInvitation' });
export type UserInvitation = z.output<typeof UserInvitation>;

export const SignUp = z
  .strictObject({
    company: z
      .strictObject({
        name: Company.shape.name,
        slug: Slug.optional().describe('If it is left out, it is made from the name.'),
        currency: Currency,
        language: Language.default('en'),
        country: Country.nullable().default(null),
        timezone: Timezone.default('UTC'),
      })
      .describe('The new company.'),
    owner: z
      .strictObject({ email: User.shape.email, name: User.shape.name, password: Password })
      .describe('Its first user, who has the role owner.'),
  })
  .meta({ id: 'SignUp' });
export type SignUp = z.output<typeof SignUp>;

export const SignIn = z
  .strictObject({
    company: z
      .string()
      .max(100)
      .describe('The slug of the company.')
      .meta({ examples: ['northwind'] }),
    email: z
      .string()
      .max(400)
      .describe('The e-mail address of the user.')
      .meta({ examples: ['owner@northwind.example'] }),
    password: ClaimedPassword,
    deviceToken: ClaimedDeviceToken,
  })
  .meta({ id: 'SignIn' });
export type SignIn = z.output<typeof SignIn>;

/** A company's slug that may be wrong or ill-formed. */
const ClaimedCompany = SignIn.shape.company;

const EXAMPLE_TOKEN = 'Zm9yIGV4YW1wbGUgb25seSwgb3BlbnMgbm90aGluZyE';

/** The token from a mailed link. */
const mailedLink = {
  company: ClaimedCompany,
  token: z
    .string()
    .min(1)
    .max(200)
    .describe('The token in the mailed link.')
    .meta({ examples: [EXAMPLE_TOKEN] }),
};

export const MailedLink = z.strictObject(mailedLink).meta({ id: 'MailedLink' });
export type MailedLink = z.output<typeof MailedLink>;

/** The token from a mailed link, and the password that the recipient chooses. */
export const LinkWithPassword = z.strictObject({ ...mailedLink, password: Password }).meta({ id: 'LinkWithPassword' });
export type LinkWithPassword = z.output<typeof LinkWithPassword>;

/** What an example of a request sends that has a link and a password. */
export const LINK_WITH_PASSWORD: LinkWithPassword = {
  company: 'demo',
  token: EXAMPLE_TOKEN,
  password: 'correct horse battery staple',
};

/** The account that somebody requests a mail for. It may not exist. */
export const MailRequest = z
  .strictObject({ company: ClaimedCompany, email: SignIn.shape.email })
  .meta({ id: 'MailRequest' });

/** The longest time for which an API token can be created. */
export const MAX_TOKEN_DAYS = 5 * 366;

const tokenName = line(100)
  .describe('What the token is for.')
  .meta({ examples: ['Nightly export'] });

export const ApiToken = z
  .object({
    id: ApiTokenId,
    name: tokenName,
    role: Role,
    prefix: z
      .string()
      .describe('The beginning of the secret, to tell tokens apart.')
      .meta({ examples: ['clt_01JD8X3V'] }),
    expiresAt: Instant.nullable().describe('When the token ends by itself; null for never.'),
    lastUsedOn: z.iso
      .date()
      .nullable()
      .describe('The last day (UTC) on which the token was used; null if it was never used.'),
    createdAt: Instant.describe('When the token was created.'),
    createdBy: UserId.describe('The user who created it. The token never has a higher role than this user.'),
    createdByName: z
      .string()
      .nullable()
      .describe('The name of this user at the creation; null for tokens of earlier versions.')
      .meta({ examples: ['Ada Byron'] }),
    version: z.int().positive().describe('Counts the changes of the name and of the day of the last use.'),
  })
  .meta({ id: 'ApiToken' });
export type ApiToken = z.infer<typeof ApiToken>;

export const ApiTokenInput = z
  .strictObject({
    name: tokenName,
    role: Role.describe('It cannot be higher than the role of the caller.'),
    expiresAt: z.iso
      .datetime({ offset: true })
      .max(40, { abort: true })
      .nullable()
      .default(null)
      .describe('When the token ends by itself, at most five years from now. If it is left out, it does not.')
      .meta({ examples: ['2027-01-31T00:00:00Z'] }),
  })
  .meta({ id: 'ApiTokenInput' });
export type ApiTokenInput = z.output<typeof ApiTokenInput>;

/** The fields of an API token that a PATCH can change. */
export const ApiTokenChange = z.strictObject({ name: tokenName });
export const ApiTokenPatch = mergePatchOf(ApiTokenChange).meta({ id: 'ApiTokenPatch' });
export type ApiTokenPatch = z.output<typeof ApiTokenPatch>;

/** The caller: a user, or an API token. */
export const Me = z
  .object({
    kind: z.enum(['user', 'token']).describe('Whether a user or an API token calls.'),
    id: z
      .string()
      .describe('The id of the user or of the API token.')
      .meta({ examples: ['usr_01JD8X3V5QZ7M2K4N6P8R0S1TA'] }),
    name: z
      .string()
      .describe('The name of the user or of the API token.')
      .meta({ examples: ['Ada Byron'] }),
    role: Role.describe('What the caller may do now. That of a token is never higher than that of its maker.'),
    expiresAt: Instant.nullable().describe('When an API token ends by itself; null if it does not, and for a user.'),
    company: Company.describe('The company of the caller.'),
    user: User.nullable().describe('The account of a user; null for an API token.'),
  })
  .meta({ id: 'Me' });
export type Me = z.output<typeof Me>;

/** A user after a change. */
export const ChangedUser = User.extend({
  revokedApiTokens: z
    .array(ApiToken)
    .describe('The API tokens of the user that the deactivation has revoked; otherwise empty.'),
}).meta({ id: 'ChangedUser' });
export type ChangedUser = z.output<typeof ChangedUser>;

export const companyEntity = {
  name: 'company',
  version: 1,
  schema: Company.extend({
    /** Number of active owners. A condition on it protects the last one. */
    owners: z.int().nonnegative(),
    clientsModule: ClientsModule.extend({ version: z.int().positive() }),
    /** A copy from the settings, because every request needs it. Every change of the settings updates it. */
    customFieldsDefined: z.boolean().default(false),
    /** A copy of what custom values must be to be shown; missing until the settings are changed. */
    customFieldShapes: CustomFieldShapes.optional(),
    /** A copy as well: days for which the activity of clients is kept; null for ever. */
    activityDays: z.int().nullable().default(null),
  }),
} satisfies Entity;
export type StoredCompany = z.output<typeof companyEntity.schema>;

export const userEntity = {
  name: 'user',
  version: 1,
  schema: User.extend({
    /** The pending invitation. Only the link in this mail can accept it. */
    invitation: AwaitedMail.optional(),
    /** Counts what ended all sessions: new passwords and deactivations. Sessions are valid in their own generation only. */
    credentialGeneration: z.int().nonnegative(),
    /** Counts deactivations. API tokens that the user made are valid in their own generation only. */
    apiTokenGeneration: z.int().nonnegative(),
  }),
} satisfies Entity;
export type StoredUser = z.output<typeof userEntity.schema>;

export const loginEntity = {
  name: 'login',
  version: 1,
  schema: z.object({
    userId: UserId,
    /** Missing until the invitation is accepted. */
    passwordHash: z.string().optional(),
    /** The mail with the only link that can set a new password. */
    reset: z.object({ mailId: MailId, at: Instant }).optional(),
  }),
} satisfies Entity;

/** A placeholder item, written so that a request for an unknown account makes the same writes as one for a known account. */
export const placeholderEntity = {
  name: 'decoy',
  version: 1,
  schema: z.object({ ttl: z.int() }),
} satisfies Entity;

/** Seconds for which an API token is listed after it has expired. */
export const EXPIRED_SECONDS = 30 * 86_400;

export const apiTokenEntity = {
  name: 'apiToken',
  version: 2,
  schema: ApiToken.extend({
    secretHash: z.string(),
    /** The maker's `apiTokenGeneration` at the creation. */
    generation: z.int().nonnegative(),
    /** Epoch seconds, some time after `expiresAt`. */
    ttl: z.int().optional(),
  }),
  migrations: apiTokenMigrations,
} satisfies Entity;

export const slugEntity = {
  name: 'slug',
  version: 1,
  schema: z.object({ companyId: CompanyId }),
} satisfies Entity;
