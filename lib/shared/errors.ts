import type { FaultCode } from './faults.ts';

/** One fault of an input. The pointer is an RFC 6901 pointer into the body, `?name` for the query or `{name}` for the path. */
export interface InputFault {
  pointer: string;
  code: FaultCode;
  detail: string;
  /** Pointers of other fields that the fault follows from. If one of them is wrong, nobody can say that this is a fault. */
  dependsOn?: readonly string[];
}

interface ProblemKind {
  status: number;
  title: string;
  detail: string;
}

/**
 * Every problem that the API answers: its stable code (the last part of RFC 9457 `type`), status and texts.
 * A caller reads the default detail if the code that throws gives no other.
 */
export const problems = {
  validation: { status: 400, title: 'The input is not valid', detail: 'The errors array names each fault.' },
  'malformed-json': { status: 400, title: 'The body is not JSON', detail: 'The body could not be read as JSON.' },
  'bad-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    detail:
      'A cursor is valid only for the list, the filters and the sort order that it came from. Start again without a cursor.',
  },
  'bad-idempotency-key': {
    status: 400,
    title: 'The Idempotency-Key is not valid',
    detail: 'The key must be 1 to 255 visible ASCII characters.',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication is required',
    detail:
      'Send a valid token in the header Authorization: Bearer. Staff gets one from POST /v1/auth/sign-in, a contact from POST /v1/portal/sign-in.',
  },
  'sign-in-failed': {
    status: 401,
    title: 'The sign-in failed',
    detail: 'The company, the name or the password is wrong, or the account is not active.',
  },
  'wrong-password': { status: 403, title: 'The current password is wrong', detail: 'The password was not changed.' },
  'role-too-low': { status: 403, title: 'The role is too low', detail: 'This operation needs a higher role.' },
  'module-inactive': {
    status: 403,
    title: 'The clients module is inactive',
    detail: 'An admin can activate it with PUT /v1/company/modules/clients.',
  },
  'staff-only': {
    status: 403,
    title: 'Only staff can use this operation',
    detail: 'Contacts of clients use the operations under /v1/portal.',
  },
  'people-only': {
    status: 403,
    title: 'Only people can use this operation',
    detail: 'An API token cannot do this. Sign in as a user.',
  },
  'portal-only': {
    status: 403,
    title: 'Only contacts of clients can use this operation',
    detail: 'Send the token of a contact, which POST /v1/portal/sign-in returns.',
  },
  'link-invalid': {
    status: 403,
    title: 'The link is not valid',
    detail: 'The link is invalid, expired, used or superseded. Request a new one.',
  },
  'sign-up-closed': {
    status: 403,
    title: 'Sign-up is closed',
    detail: 'This installation does not accept new companies.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    detail: 'The resource does not exist, or the caller may not see it.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed',
    detail: 'The path exists, but not with this method. The Allow header lists the methods that it supports.',
  },
  'email-taken': {
    status: 409,
    title: 'The e-mail address is taken',
    detail: 'Within a company, only one person can have an e-mail address.',
  },
  'username-taken': {
    status: 409,
    title: 'The username is taken',
    detail: 'Within a company, only one contact can have a username.',
  },
  'already-active': {
    status: 409,
    title: 'The invitation has already been accepted',
    detail: 'Only a person who cannot sign in yet can be invited.',
  },
  'no-address': {
    status: 409,
    title: 'The contact has no e-mail address',
    detail: 'Give the contact an e-mail address first.',
  },
  'portal-closed': {
    status: 409,
    title: 'The portal is closed for this client',
    detail: 'The client is inactive, fraud or archived, so its contacts cannot sign in.',
  },
  'contact-needed': {
    status: 409,
    title: 'The client needs this contact',
    detail: 'A client without a name must keep at least one contact. Give the client a name or another contact first.',
  },
  'too-many-contacts': {
    status: 409,
    title: 'The client has too many contacts',
    detail: 'A client can have up to 200 contacts.',
  },
  'too-many-users': {
    status: 409,
    title: 'The client has too many users',
    detail: 'A client can be linked to up to 100 users.',
  },
  'slug-taken': { status: 409, title: 'The slug is taken', detail: 'Choose another slug for the company.' },
  'number-taken': { status: 409, title: 'The number is taken', detail: 'Another client has this number.' },
  'id-number-taken': { status: 409, title: 'The idNumber is taken', detail: 'Another client has this idNumber.' },
  'sku-taken': { status: 409, title: 'The SKU is taken', detail: 'Another item has this SKU.' },
  'numbers-exhausted': {
    status: 409,
    title: 'No free number was found',
    detail: 'The next numbers of the pattern are all taken. Set a higher counter or a longer pattern in the settings.',
  },
  'invoice-sent': {
    status: 409,
    title: 'The invoice is no draft',
    detail: 'An invoice that was sent is not changed or deleted. Cancel it, or credit it, and copy it for a new one.',
  },
  'invoice-empty': {
    status: 409,
    title: 'The invoice has no lines',
    detail: 'Add a line before the invoice is sent.',
  },
  'invoice-settled': {
    status: 409,
    title: 'Something was paid or credited on the invoice',
    detail: 'Refund or reverse its payments, and release its credit. Then it can be cancelled.',
  },
  'invoice-not-open': {
    status: 409,
    title: 'The invoice is not open',
    detail: 'This needs an invoice that was sent, is not cancelled, and is not paid in full.',
  },
  'payment-refunded': {
    status: 409,
    title: 'Part of the payment was refunded',
    detail: 'A payment that was refunded is not reversed. Refund the rest instead.',
  },
  'payment-reversed': {
    status: 409,
    title: 'The payment was reversed',
    detail: 'It counts as if it had never been received.',
  },
  'credit-cancelled': {
    status: 409,
    title: 'The credit note is cancelled',
    detail: 'It counts as if it had never been issued.',
  },
  'currency-locked': {
    status: 409,
    title: 'The currency of the client is locked',
    detail: 'The client has transactions in its currency, so the currency can no longer change.',
  },
  'credit-insufficient': {
    status: 409,
    title: 'The client has less credit',
    detail: 'The client has less credit in this currency than the operation takes.',
  },
  'balance-too-large': {
    status: 409,
    title: 'The balance would be too large',
    detail: 'A balance of the client would exceed 9 007 199 254 740 991 minor units.',
  },
  'pricing-missing': {
    status: 409,
    title: 'A pricing is required, but the company has none',
    detail: 'Create a pricing first, or remove pricingId from the required fields of the clients module.',
  },
  'pricing-in-use': {
    status: 409,
    title: 'The pricing is in use',
    detail: 'Some clients have this pricing. Give them another pricing first.',
  },
  'group-protected': {
    status: 409,
    title: 'The group General cannot be deleted',
    detail: 'The clients of a deleted group move to General.',
  },
  'custom-field-in-use': {
    status: 409,
    title: 'Clients have values of the custom field',
    detail:
      'The change would hide values that clients have, or might: see `errors`. Repeat the request with force=true. The hidden values stay stored, and are shown again when a definition fits them.',
  },
  'group-name-taken': {
    status: 409,
    title: 'The name is taken',
    detail: 'Another group has this name. Names that differ only in case, or in what nobody sees, are one name.',
  },
  'item-in-use': {
    status: 409,
    title: 'The item has prices',
    detail: 'Repeat the request with force=true to delete the item with its prices.',
  },
  'group-deleting': {
    status: 409,
    title: 'The group is being deleted',
    detail: 'Its clients are moving to the group General.',
  },
  'last-owner': {
    status: 409,
    title: 'The company needs an active owner',
    detail: 'This user is its last active owner. Make another user an owner first.',
  },
  'too-many-documents': {
    status: 409,
    title: 'The client has too many documents',
    detail: 'A client can have up to 5000 documents.',
  },
  'document-pending': {
    status: 409,
    title: 'The document has not been uploaded yet',
    detail: 'Upload its content to the presigned URL. The document becomes available shortly afterwards.',
  },
  'email-not-verified': {
    status: 409,
    title: 'The e-mail address of the owner is not verified',
    detail:
      'Until it is, the company sends mail to nobody else. Open the link in the mail that the owner got at sign-up; POST /v1/auth/email-verification sends it again.',
  },
  'mail-not-failed': {
    status: 409,
    title: 'The mail did not fail',
    detail: 'Only a mail that failed can be sent again. This mail has been sent or is being sent.',
  },
  'write-conflict': {
    status: 409,
    title: 'Concurrent requests are changing the same record',
    detail: 'Nothing was changed. Try again.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'The first request with this Idempotency-Key is still running',
    detail: 'Try again in a moment.',
  },
  'answer-not-kept': {
    status: 409,
    title: 'The first answer was not kept',
    detail:
      'A request with this Idempotency-Key was carried out before, and nothing was done again. Its answer is not available.',
  },
  'stale-version': {
    status: 412,
    title: 'The record has changed',
    detail: 'The record no longer has the version in If-Match. Read it again and repeat the change with its new ETag.',
  },
  'body-too-large': { status: 413, title: 'The body is too large', detail: 'A request body can have up to 1 MiB.' },
  'unsupported-media-type': {
    status: 415,
    title: 'The content type is not supported',
    detail: 'Send the body as application/json.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    detail: 'Use a new key for each new request.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many attempts',
    detail: 'Wait for the number of seconds in Retry-After.',
  },
  'too-many-mails': {
    status: 429,
    title: 'Too many mails',
    detail: 'Wait for the number of seconds in Retry-After.',
  },
  'too-many-sign-ups': {
    status: 429,
    title: 'Too many sign-ups',
    detail: 'Too many companies were signed up from this address. Wait for the number of seconds in Retry-After.',
  },
  internal: { status: 500, title: 'Internal error', detail: 'The error is in the log under the id of this request.' },
  unavailable: {
    status: 503,
    title: 'The service is busy',
    detail:
      'The database did not answer in time. A change may or may not have been made: read the record before you try again.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;

/** What is known of an answer that was not kept. */
export interface FirstAnswer {
  status: number;
  location?: string;
}

/** The most faults that an answer lists. */
const MAX_LISTED_FAULTS = 50;

interface ProblemDetails {
  detail?: string;
  /** All faults. The first ones are listed, the others counted. */
  errors?: Iterable<InputFault>;
  /** Seconds, sent as Retry-After. */
  retryAfter?: number;
  /** Methods, sent as Allow. */
  allow?: string;
  /** The status and Location of the first answer to an Idempotency-Key, sent as the member `first`. */
  first?: FirstAnswer;
  cause?: unknown;
}

/** An error for the caller. Any code can throw it; the HTTP frame answers it as an RFC 9457 problem. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: readonly InputFault[] | undefined;
  /** How many faults there are beyond those in `errors`. */
  readonly moreErrors: number;
  readonly retryAfter: number | undefined;
  readonly allow: string | undefined;
  readonly first: FirstAnswer | undefined;

  constructor(code: ProblemCode, { detail, errors, retryAfter, allow, first, cause }: ProblemDetails = {}) {
    super(detail ?? problems[code].detail, { cause });
    this.name = 'Problem';
    this.code = code;
    this.status = problems[code].status;
    const { listed, more } = listFaults(errors);
    this.errors = errors && listed;
    this.moreErrors = more;
    this.retryAfter = retryAfter;
    this.allow = allow;
    this.first = first;
  }
}

/**
 * One problem for several reasons that refuse one change, with the faults of all: `validation` if one of them is that,
 * else the first. A first reason without faults, such as a stale version, stands alone.
 */
export function mergeProblems(first: Problem, ...others: readonly Problem[]): Problem {
  if (others.length === 0 || !first.errors) return first;
  const all = [first, ...others];
  const kind = all.find(({ code }) => code === 'validation') ?? first;
  return new Problem(kind.code, { detail: kind.message, errors: all.flatMap(({ errors = [] }) => errors) });
}

function listFaults(faults: Iterable<InputFault> = []): { listed: InputFault[]; more: number } {
  const listed: InputFault[] = [];
  const seen = new Set<string>();
  let more = 0;
  for (const fault of faults) {
    // Several checks can refuse one value for one reason: an address that is taken is also a taken username.
    const reason = `${fault.pointer} ${fault.code}`;
    if (seen.has(reason)) continue;
    seen.add(reason);
    if (listed.length < MAX_LISTED_FAULTS) listed.push(fault);
    else more++;
  }
  return { listed, more };
}

/** A validation problem made of faults that a schema cannot detect. */
export function invalid(...errors: InputFault[]): Problem {
  return new Problem('validation', { errors });
}
