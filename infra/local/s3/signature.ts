import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createScope, getCanonicalHeaders, getCanonicalQuery } from '@smithy/signature-v4';
import type { Place } from '../assembly/template.ts';
import type { Statement } from '../endpoint/policies.ts';
import { accessDenied, invalidRequest, S3Error } from './error.ts';
import { parameter, type S3Request } from './request.ts';

/** An owner of credentials, with the statements of its policies. */
export type S3Caller = { name: string; accessKey: string; secretKey: string; statements: readonly Statement[] };

export type Verified = {
  caller: S3Caller;
  /** As the condition key `s3:authType` has it: signed by headers, or a presigned URL. */
  authType: 'REST-HEADER' | 'REST-QUERY-STRING';
  /** The signed SHA-256 of the body in hexadecimal, `UNSIGNED-PAYLOAD` or `STREAMING-…`. */
  payloadHash: string;
  /** The request's headers, and those that a presigned URL has in its query. */
  headers: Readonly<Record<string, string>>;
};

/** The parts of a signature, read from the headers or from the query. */
type Claim = {
  authType: Verified['authType'];
  credential: string;
  date: string;
  signedHeaders: string[];
  signature: string;
  payloadHash: string;
  query: S3Request['query'];
};

const algorithm = 'AWS4-HMAC-SHA256';
const unsignedPayload = 'UNSIGNED-PAYLOAD';
const longestExpiry = 7 * 24 * 60 * 60;
const toleranceMillis = 15 * 60 * 1000;
/** The `x-amz-` parameters of a presigned URL that describe its signature; all others are headers in the query. */
const signatureParameters = [
  'algorithm',
  'credential',
  'date',
  'expires',
  'signedheaders',
  'signature',
  'content-sha256',
];

/**
 * Authenticates a request as S3 does: computes the signature of what arrived with the secret of the named access key, and compares.
 *
 * @throws S3Error with the code of S3
 */
export function verifySignature(
  request: S3Request,
  callers: ReadonlyMap<string, S3Caller>,
  { region }: Place,
  now: Date,
): Verified {
  const claim = readClaim(request, now);
  const [accessKey = '', day = '', ...scope] = claim.credential.split('/');
  const expected = [region, 's3', 'aws4_request'];
  if (scope.join('/') !== expected.join('/') || !claim.date.startsWith(`${day}T`))
    throw malformed(claim.authType, `The credential must be of ${claim.date.slice(0, 8)}/${expected.join('/')}.`);
  const caller = callers.get(accessKey);
  if (caller === undefined)
    throw new S3Error(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  if (request.headers['x-amz-security-token'] ?? parameter(request, 'X-Amz-Security-Token'))
    throw new S3Error(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
  if (!/^([0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+)$/.test(claim.payloadHash))
    throw new S3Error(
      400,
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, or a valid sha256 value.',
    );
  checkSignedHeaders(request, claim);
  if (!isSame(claim.signature, sign(request, claim, caller.secretKey, day, region)))
    throw new S3Error(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  return {
    caller,
    authType: claim.authType,
    payloadHash: claim.payloadHash,
    headers: effectiveHeaders(request, claim),
  };
}

function readClaim(request: S3Request, now: Date): Claim {
  const { authorization } = request.headers;
  const inQuery = parameter(request, 'X-Amz-Algorithm') ?? parameter(request, 'X-Amz-Signature');
  if (authorization !== undefined && inQuery !== undefined)
    throw new S3Error(400, 'InvalidArgument', 'Only one auth mechanism allowed.');
  if (authorization !== undefined) return claimOfHeader(request, authorization, now);
  if (inQuery !== undefined) return claimOfQuery(request, now);
  throw accessDenied();
}

function claimOfHeader(request: S3Request, authorization: string, now: Date): Claim {
  const [, credential, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256 +Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
      authorization,
    ) ?? [];
  const date = request.headers['x-amz-date'] ?? '';
  if (credential === undefined || signedHeaders === undefined || signature === undefined)
    throw malformed('REST-HEADER', 'The authorization header is malformed.');
  const time = timeOf(date);
  if (time === undefined) throw accessDenied('AWS authentication requires a valid Date or x-amz-date header');
  if (Math.abs(now.getTime() - time) > toleranceMillis)
    throw new S3Error(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    );
  const payloadHash = request.headers['x-amz-content-sha256'];
  if (payloadHash === undefined) throw invalidRequest('Missing required header for this request: x-amz-content-sha256');
  return {
    authType: 'REST-HEADER',
    credential,
    date,
    signedHeaders: signedHeaders.split(';'),
    signature,
    payloadHash,
    query: request.query,
  };
}

function claimOfQuery(request: S3Request, now: Date): Claim {
  const given = (name: string) => {
    const value = parameter(request, `X-Amz-${name}`);
    if (value === undefined)
      throw malformed('REST-QUERY-STRING', `X-Amz-${name} must be in the query of a presigned URL.`);
    return value;
  };
  if (given('Algorithm') !== algorithm)
    throw malformed('REST-QUERY-STRING', `X-Amz-Algorithm only supports ${algorithm}.`);
  const [date, expires] = [given('Date'), Number(given('Expires'))];
  const time = timeOf(date);
  if (time === undefined) throw malformed('REST-QUERY-STRING', 'X-Amz-Date must be a time such as 20260101T000000Z.');
  if (!Number.isInteger(expires) || expires < 0 || expires > longestExpiry)
    throw malformed('REST-QUERY-STRING', 'X-Amz-Expires must be a number of seconds, less than a week.');
  if (time > now.getTime() + toleranceMillis) throw accessDenied('Request is not yet valid');
  if (now.getTime() > time + expires * 1000) throw accessDenied('Request has expired');
  const { 'X-Amz-Signature': _signature, ...query } = request.query;
  return {
    authType: 'REST-QUERY-STRING',
    credential: given('Credential'),
    date,
    signedHeaders: given('SignedHeaders').split(';'),
    signature: given('Signature'),
    payloadHash:
      parameter(request, 'X-Amz-Content-Sha256') ?? request.headers['x-amz-content-sha256'] ?? unsignedPayload,
    query,
  };
}

/** Every header that changes what S3 does must be signed. */
function checkSignedHeaders(request: S3Request, { signedHeaders, authType }: Claim): void {
  const unsigned = Object.keys(request.headers).filter(
    (name) => (name.startsWith('x-amz-') || name === 'content-md5') && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0)
    throw accessDenied(`There were headers present in the request which were not signed: ${unsigned.join(', ')}`);
  if (!signedHeaders.includes('host')) throw malformed(authType, 'The host header must be signed.');
}

function sign(request: S3Request, claim: Claim, secretKey: string, day: string, region: string): string {
  const { method, headers } = request;
  const signed = new Set(claim.signedHeaders);
  // A signed header that is missing is signed as empty, which cannot match.
  const present = Object.fromEntries(claim.signedHeaders.map((name) => [name, headers[name] ?? '']));
  const like = { method, headers: present, query: { ...claim.query }, protocol: 'http:', hostname: '', path: '' };
  const canonicalHeaders = getCanonicalHeaders(like, undefined, signed);
  const names = Object.keys(canonicalHeaders).sort();
  const canonicalRequest = [
    method,
    canonicalPath(request.path),
    getCanonicalQuery(like),
    ...names.map((name) => `${name}:${canonicalHeaders[name]}`),
    '',
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  const text = [algorithm, claim.date, createScope(day, region, 's3'), hash].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretKey}`,
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

/** S3 signs the path with one fixed encoding, whatever the encoding of the request. */
function canonicalPath(path: string): string {
  const encode = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, encode))
    .join('/');
}

function effectiveHeaders(request: S3Request, { authType }: Claim): Record<string, string> {
  if (authType === 'REST-HEADER') return { ...request.headers };
  const hoisted = Object.keys(request.query).flatMap((name) => {
    const lowered = name.toLowerCase();
    const isHeader = lowered.startsWith('x-amz-') && !signatureParameters.includes(lowered.slice('x-amz-'.length));
    return isHeader ? [[lowered, parameter(request, name) ?? '']] : [];
  });
  return { ...Object.fromEntries(hoisted), ...request.headers };
}

function isSame(given: string, made: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(made)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function timeOf(date: string): number | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(date)) return undefined;
  const time = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(time) ? undefined : time;
}

function malformed(authType: Verified['authType'], message: string): S3Error {
  const code = authType === 'REST-HEADER' ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError';
  return new S3Error(400, code, message);
}
