import type { Call, CallRecord } from './calls.ts';
import { type Attempt, isAllowed, type Statement } from './policies.ts';
import { ServiceError } from './service-error.ts';

/** A function by its name, with the policy statements of its role. */
export type Caller = { name: string; statements: readonly Statement[] };

/** What a call asks for: the permissions that it needs, and what the record of calls says of it. */
export type WantedCall = Pick<Call, 'service' | 'action' | 'table' | 'index'> & { attempts: readonly Attempt[] };

type Authorization = Call['authorizations'][number];

/** Decisions that depend on nothing but action and resource, by the statements of the caller. */
const decided = new WeakMap<readonly Statement[], Map<string, Authorization>>();

function authorizationOf(statements: readonly Statement[], attempt: Attempt): Authorization {
  const { action, resource } = attempt;
  if (statements.some(({ conditions }) => conditions.length > 0))
    return { action, resource, allowed: isAllowed(statements, attempt) };
  const known = decided.get(statements) ?? new Map<string, Authorization>();
  decided.set(statements, known);
  const name = `${action} ${resource}`;
  const authorization = known.get(name) ?? { action, resource, allowed: isAllowed(statements, attempt) };
  known.set(name, authorization);
  return authorization;
}

/** The access key of a signature, and the service that it is for. @throws ServiceError if the call is not signed */
export function signatureOf(authorization: string | undefined): { accessKey: string; service: string } {
  const [, accessKey, service] =
    /Credential=([^/,\s]+)\/\d+\/[^/,\s]+\/([^/,\s]+)\/aws4_request/.exec(authorization ?? '') ?? [];
  if (accessKey === undefined || service === undefined)
    throw new ServiceError('MissingAuthenticationTokenException', 'The request is not signed.', 403);
  return { accessKey, service };
}

/** The caller that has an access key. @throws ServiceError if there is none */
export function callerOf(callers: ReadonlyMap<string, Caller>, accessKey: string): Caller {
  const caller = callers.get(accessKey);
  if (caller === undefined)
    throw new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  return caller;
}

/** Checks a call against the policies of its caller: its authorizations, and the refusal if one of them is missing. */
export function authorize(
  { name, statements }: Caller,
  attempts: readonly Attempt[],
): { authorizations: Authorization[]; refusal: ServiceError | undefined } {
  const authorizations = attempts.map((attempt) => authorizationOf(statements, attempt));
  const denied = authorizations.find(({ allowed }) => !allowed);
  const refusal =
    denied &&
    new ServiceError(
      'AccessDeniedException',
      `User: ${name} is not authorized to perform: ${denied.action} on resource: ${denied.resource}`,
    );
  return { authorizations, refusal };
}

/** Records a call once its outcome is known. @param started of `performance.now()` */
export function recordCall(
  calls: CallRecord,
  caller: Caller,
  { service, action, table, index }: WantedCall,
  authorizations: Authorization[],
  { status, error }: { status: number; error?: string | undefined },
  started: number,
): void {
  calls.add({
    function: caller.name,
    time: new Date().toISOString(),
    service,
    action,
    authorizations,
    ...(table !== undefined && { table }),
    ...(index !== undefined && { index }),
    allowed: authorizations.every(({ allowed }) => allowed),
    status,
    ...(error !== undefined && { error }),
    milliseconds: Math.round((performance.now() - started) * 100) / 100,
  });
}
