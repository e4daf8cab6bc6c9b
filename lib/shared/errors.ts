/** One fault of an input, as RFC 6901 pointer into the body, or `?name` of the query, or `/name` of the path. */
export interface InputFault {
  pointer: string;
  code: string;
  detail: string;
}

interface ProblemKind {
  status: number;
  title: string;
  detail: string;
}

/**
 * Every problem that the API answers: its stable code (the last part of RFC 9457 `type`), status and texts.
 * The default detail is what a caller reads where the thrower has nothing more precise to say.
 */
export const problems = {
  validation: { status: 400, title: 'The input is not valid', detail: 'Each fault is named in errors.' },
  'malformed-json': { status: 400, title: 'The body is not JSON', detail: 'The body could not be read as JSON.' },
  'bad-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    detail:
      'A cursor goes only with the list, the filters and the sort order that it came from. Start again without it.',
  },
  'bad-idempotency-key': {
    status: 400,
    title: 'The Idempotency-Key is not valid',
    detail: 'Send 1 to 255 visible ASCII characters.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in first',
    detail:
      'Send a valid token as Authorization: Bearer. POST /v1/auth/sign-in gives one, in the portal POST /v1/portal/sign-in.',
  },
  'sign-in-failed': {
    status: 401,
    title: 'The sign-in failed',
    detail: 'Company, name or password is wrong, or the account is not active.',
  },
  'wrong-password': { status: 403, title: 'The current password is wrong', detail: 'The password was not changed.' },
  'role-too-low': { status: 403, title: 'The role is too low', detail: 'This needs a higher role.' },
  'module-inactive': {
    status: 403,
    title: 'The clients module is inactive',
    detail: 'An admin activates it with PUT /v1/company/modules/clients.',
  },
  'staff-only': {
    status: 403,
    title: 'This is for staff',
    detail: 'A contact of a client has the portal, under /v1/portal.',
  },
  'portal-only': {
    status: 403,
    title: 'This is for contacts of clients',
    detail: 'It needs the token of a contact, which POST /v1/portal/sign-in gives.',
  },
  'link-invalid': {
    status: 403,
    title: 'The link is not good',
    detail: 'It was never one, is used or too old, or a newer one has taken its place. Ask for another.',
  },
  'sign-up-closed': {
    status: 403,
    title: 'Sign-up is closed',
    detail: 'This installation takes no further companies.',
  },
  'not-found': { status: 404, title: 'Not found', detail: 'There is nothing here, or it is not yours to see.' },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed',
    detail: 'The path exists, with the methods that Allow names.',
  },
  'email-taken': {
    status: 409,
    title: 'The e-mail address is taken',
    detail: 'An e-mail address can belong to one person of the company only.',
  },
  'username-taken': {
    status: 409,
    title: 'The username is taken',
    detail: 'A username can belong to one contact of the company only.',
  },
  'already-active': {
    status: 409,
    title: 'The invitation was accepted already',
    detail: 'Only who does not sign in yet is invited.',
  },
  'no-address': {
    status: 409,
    title: 'There is no e-mail address to send to',
    detail: 'Give the contact an e-mail address first.',
  },
  'portal-closed': {
    status: 409,
    title: 'The portal is closed for this client',
    detail: 'The client is inactive, fraud or archived: nobody signs in for it.',
  },
  'contact-needed': {
    status: 409,
    title: 'The client cannot do without this contact',
    detail: 'A client without a name keeps its last contact. Give the client a name or another contact first.',
  },
  'too-many-contacts': {
    status: 409,
    title: 'The client has as many contacts as it can have',
    detail: 'A client can have 200 contacts.',
  },
  'too-many-users': {
    status: 409,
    title: 'The client has as many users as it can have',
    detail: 'A client can be linked to 100 users.',
  },
  'slug-taken': { status: 409, title: 'The slug is taken', detail: 'Choose another slug for the company.' },
  'number-taken': { status: 409, title: 'The number is taken', detail: 'Another client has this number.' },
  'id-number-taken': { status: 409, title: 'The idNumber is taken', detail: 'Another client has this idNumber.' },
  'numbers-exhausted': {
    status: 409,
    title: 'No free number was found',
    detail: 'The pattern gives numbers that are all taken. Move the counter or widen the pattern in the settings.',
  },
  'pricing-missing': {
    status: 409,
    title: 'A pricing is required and there is none',
    detail: 'Create a pricing first, or take pricingId from the required fields of the clients module.',
  },
  'pricing-in-use': {
    status: 409,
    title: 'The pricing is in use',
    detail: 'Clients have this pricing. Give them another one first.',
  },
  'group-protected': {
    status: 409,
    title: 'The group General stays',
    detail: 'It takes the clients of groups that are deleted.',
  },
  'group-deleting': {
    status: 409,
    title: 'The group is being deleted',
    detail: 'Its clients are moving to the group General.',
  },
  'last-owner': {
    status: 409,
    title: 'The last owner stays',
    detail: 'Make another user an owner first.',
  },
  'too-many-documents': {
    status: 409,
    title: 'The client has too many documents',
    detail: 'A client can have 5 000 documents.',
  },
  'document-pending': {
    status: 409,
    title: 'The document has not arrived yet',
    detail: 'Its bytes go to where its upload says; once they are there it is available by itself.',
  },
  'mail-not-failed': {
    status: 409,
    title: 'The mail did not fail',
    detail: 'Only a mail that failed is sent again. This one was sent, or is being sent.',
  },
  'write-conflict': {
    status: 409,
    title: 'Others are writing the same record',
    detail: 'The change was not made. Try again.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'The first request with this Idempotency-Key is still running',
    detail: 'Try again in a moment.',
  },
  'stale-version': {
    status: 412,
    title: 'The record has changed since',
    detail: 'Read it again and repeat the change with its new ETag.',
  },
  'body-too-large': { status: 413, title: 'The body is too large', detail: 'A body may have 1 MiB.' },
  'unsupported-media-type': {
    status: 415,
    title: 'The content type is not supported',
    detail: 'Send application/json.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    detail: 'Use a new key for a new request.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many attempts',
    detail: 'Wait as long as Retry-After says.',
  },
  internal: { status: 500, title: 'Something went wrong', detail: 'It is in the log under this request id.' },
  unavailable: {
    status: 503,
    title: 'The service is busy',
    detail: 'The database did not answer in time. Nothing was changed unless a later read shows it. Try again.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;

interface ProblemDetails {
  detail?: string;
  errors?: readonly InputFault[];
  /** Seconds, sent as Retry-After. */
  retryAfter?: number;
  /** Methods, sent as Allow. */
  allow?: string;
  cause?: unknown;
}

/** A refusal that the caller is told of: thrown anywhere, answered as RFC 9457 problem by the HTTP frame. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: readonly InputFault[] | undefined;
  readonly retryAfter: number | undefined;
  readonly allow: string | undefined;

  constructor(code: ProblemCode, { detail, errors, retryAfter, allow, cause }: ProblemDetails = {}) {
    super(detail ?? problems[code].detail, { cause });
    this.name = 'Problem';
    this.code = code;
    this.status = problems[code].status;
    this.errors = errors;
    this.retryAfter = retryAfter;
    this.allow = allow;
  }
}

/** A validation problem made of faults that a schema cannot see. */
export function invalid(...errors: InputFault[]): Problem {
  return new Problem('validation', { errors });
}
