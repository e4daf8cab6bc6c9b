import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createScope, getCanonicalHeaders, getCanonicalQuery } from '@smithy/signature-v4';
import type { Place } from '../assembly/template.ts';
import type { Statement } from '../endpoint/policies.ts';
import { accessDenied, invalidRequest, S3Error } from './error.ts';
import { parameter, type S3Request } from './request.ts';

/** Somebody who has credentials, and what the policies say about them. */
export type S3Caller = { name: string; accessKey: string; secretKey: string; statements: readonly Statement[] };

export type Verified = {
  caller: S3Caller;
  how: 'REST-HEADER' | 'REST-QUERY-STRING';
  /** The hash of the body that was signed, or one of the words that stand for none. */
  payload: string;
  /** The headers, and in a signed location also those that stand in its query. */
  headers: Readonly<Record<string, string>>;
};

/** What a request says about its signature, wherever it says it. */
type Claim = {
  how: Verified['how'];
  credential: string;
  date: string;
  signedHeaders: string[];
  signature: string;
  payload: string;
  query: S3Request['query'];
};

const algorithm = 'AWS4-HMAC-SHA256';
const unsignedPayload = 'UNSIGNED-PAYLOAD';
const longestExpiry = 7 * 24 * 60 * 60;
const toleranceMillis = 15 * 60 * 1000;
/** Parameters of a signed location that are about the signature; every other `x-amz-` one stands for a header. */
const ownParameters = ['algorithm', 'credential', 'date', 'expires', 'signedheaders', 'signature', 'content-sha256'];

/**
 * Finds out who signed a request, as S3 does: the signature is made again with the secret of the key that is named, over
 * what arrived.
 *
 * @throws S3Error with the code that S3 has for what is wrong
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
    throw malformed(claim.how, `The credential must be of ${claim.date.slice(0, 8)}/${expected.join('/')}.`);
  const caller = callers.get(accessKey);
  if (caller === undefined)
    throw new S3Error(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  if (request.headers['x-amz-security-token'] ?? parameter(request, 'X-Amz-Security-Token'))
    throw new S3Error(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
  if (!/^([0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+)$/.test(claim.payload))
    throw new S3Error(400, 'InvalidArgument', 'x-amz-content-sha256 must be a valid sha256 value, or a word for none.');
  checkSignedHeaders(request, claim);
  if (!isSame(claim.signature, sign(request, claim, caller.secretKey, day, region)))
    throw new S3Error(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  return { caller, how: claim.how, payload: claim.payload, headers: effectiveHeaders(request, claim) };
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
  const payload = request.headers['x-amz-content-sha256'];
  if (payload === undefined) throw invalidRequest('Missing required header for this request: x-amz-content-sha256');
  return {
    how: 'REST-HEADER',
    credential,
    date,
    signedHeaders: signedHeaders.split(';'),
    signature,
    payload,
    query: request.query,
  };
}

function claimOfQuery(request: S3Request, now: Date): Claim {
  const given = (name: string) => {
    const value = parameter(request, `X-Amz-${name}`);
    if (value === undefined)
      throw malformed('REST-QUERY-STRING', `X-Amz-${name} must be given in the query of a signed location.`);
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
    how: 'REST-QUERY-STRING',
    credential: given('Credential'),
    date,
    signedHeaders: given('SignedHeaders').split(';'),
    signature: given('Signature'),
    payload: parameter(request, 'X-Amz-Content-Sha256') ?? request.headers['x-amz-content-sha256'] ?? unsignedPayload,
    query,
  };
}

/** A header that is signed must be there; one that changes what S3 does must be signed. */
function checkSignedHeaders(request: S3Request, { signedHeaders, how }: Claim): void {
  const unsigned = Object.keys(request.headers).filter(
    (name) => (name.startsWith('x-amz-') || name === 'content-md5') && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0)
    throw accessDenied(`There were headers present in the request which were not signed: ${unsigned.join(', ')}`);
  if (!signedHeaders.includes('host')) throw malformed(how, 'The host header must be signed.');
}

function sign(request: S3Request, claim: Claim, secretKey: string, day: string, region: string): string {
  const { method, headers } = request;
  const signed = new Set(claim.signedHeaders);
  // Of a header that is missing, a name without value is what is left to sign: it cannot match.
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
    claim.payload,
  ].join('\n');
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  const text = [algorithm, claim.date, createScope(day, region, 's3'), hash].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretKey}`,
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

/** S3 signs the path encoded once, whichever way it was encoded when it arrived. */
function canonicalPath(path: string): string {
  const encode = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, encode))
    .join('/');
}

function effectiveHeaders(request: S3Request, { how }: Claim): Record<string, string> {
  if (how === 'REST-HEADER') return { ...request.headers };
  const hoisted = Object.keys(request.query).flatMap((name) => {
    const lowered = name.toLowerCase();
    const isHeader = lowered.startsWith('x-amz-') && !ownParameters.includes(lowered.slice('x-amz-'.length));
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

function malformed(how: Verified['how'], message: string): S3Error {
  const code = how === 'REST-HEADER' ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError';
  return new S3Error(400, code, message);
}
