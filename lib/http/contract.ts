import type * as z from 'zod';
import type { InputFault, ProblemCode } from '../shared/errors.ts';
import type { PortalPrincipal, Principal } from '../shared/principal.ts';
import type { Role } from '../shared/roles.ts';
import type { Commit } from '../table/transaction.ts';

/**
 * Who may call a route: anybody (`public`), contacts of clients (`portal`), or staff with at least a role. With `module`, a
 * staff route also needs an active clients module and, unless `belowModuleRole` is set, the minimum role of the module. `peopleOnly` refuses API tokens.
 */
export type Access =
  | 'public'
  | 'portal'
  | { readonly role: Role; readonly module?: 'clients'; readonly belowModuleRole?: true; readonly peopleOnly?: true };

type Shape = z.ZodObject;

/**
 * A request that succeeds in the demo company. The API's document shows it, and a test sends it. Ids of the form
 * `cli_01JD8X3V5QZ7M2K4N6P8R0S1TA`, and what only a mail or an earlier answer tells, stand for values that the test puts in.
 */
export interface Example {
  /** What the request does. Needed if a route has several. */
  readonly title?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One route as data. Types, validation, the CDK route, OpenAPI, the docs page and the test matrices come from it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As API Gateway writes it: `/v1/clients/{clientId}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: Access;
  readonly params?: Shape;
  readonly query?: Shape;
  readonly body?: z.ZodType;
  /** A request may have no body. */
  readonly bodyOptional?: true;
  /** The first one is what the docs page offers to send. A route with a body has at least one. */
  readonly examples?: readonly Example[];
  readonly reply: {
    readonly status: 200 | 201 | 202 | 204;
    readonly description: string;
    readonly schema?: z.ZodType;
    /** The reply has a Location header with the path of the new resource. */
    readonly location?: true;
    /** The status is 201 if the request created the resource. */
    readonly created?: true;
  };
  /** The resource has a version: ETag on the reply, If-None-Match on GET, If-Match on a change. */
  readonly versioned?: true;
  /**
   * Seconds for which caches may keep the reply, which is the same for everybody. Its ETag is a hash of its content.
   */
  readonly cacheSeconds?: number;
  /**
   * The body or the reply has a password, a token or another secret: always, or if the function says so of the parsed body.
   * An Idempotency-Key is ignored then, so that nothing of such a request is stored.
   */
  readonly carriesCredential?: true | ((body: unknown) => boolean);
  /**
   * Of a public POST: the fields of its body that name the account that it is about. Idempotency-Keys of different accounts
   * are independent.
   */
  readonly accountFields?: readonly string[];
  /** Problems of the operation itself, in addition to those of the frame (validation, 401, 403, 413, 415, 5xx). */
  readonly problems: readonly ProblemCode[];
}

/** Whether a route replays its first answer to an Idempotency-Key, at least if the body has no credential. */
export function acceptsIdempotencyKey({ method, access, carriesCredential, accountFields }: Route): boolean {
  return method === 'POST' && carriesCredential !== true && (access !== 'public' || accountFields !== undefined);
}

/** Whether this request is one whose answer is kept for its Idempotency-Key. */
export function keepsAnswer(route: Route, body: unknown): boolean {
  const { carriesCredential } = route;
  const hasCredential = typeof carriesCredential === 'function' && carriesCredential(body);
  return acceptsIdempotencyKey(route) && !hasCredential;
}

export type Contract = Readonly<Record<string, Route>>;

/** Types a contract without widening its literals. */
export function contract<const C extends Contract>(routes: C): C {
  return routes;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

type PrincipalOf<A extends Access> = A extends 'public' ? null : A extends 'portal' ? PortalPrincipal : Principal;

/** The input of an operation: parsed and typed, without the HTTP event. */
export interface Call<R extends Route> {
  readonly principal: PrincipalOf<R['access']>;
  readonly params: Parsed<R['params']>;
  readonly query: Parsed<R['query']>;
  readonly body: R extends { bodyOptional: true } ? Parsed<R['body']> | undefined : Parsed<R['body']>;
  /** The versions in If-Match; undefined if there is no header, or if it is `*`. */
  readonly ifMatch: readonly number[] | undefined;
  readonly sourceIp: string;
  /** Makes and reads the cursors of this route, for the caller's company and this query. */
  readonly cursor: Cursors;
  /**
   * Runs the writes of the operation as one transaction that also stores the reply for its Idempotency-Key. `toReply` turns
   * the operation's result into its reply.
   */
  commit<T>(toReply: (result: T) => Reply<R>): Commit<T>;
}

/** Cursors of a list: the position after which a page starts, as an opaque text that only this list accepts. */
export interface Cursors {
  /** @throws Problem `bad-cursor` */
  open(sealed: string | undefined): Promise<Record<string, string> | undefined>;
  seal(position: Record<string, string> | undefined): Promise<string | null>;
}

/** The result of an operation. The body is sent through the contract's schema, which drops unknown fields. */
export interface Reply<R extends Route> {
  readonly body: R['reply'] extends { schema: infer S extends z.ZodType } ? z.input<S> : undefined;
  readonly version?: number;
  readonly location?: string;
  /** Whether the request created the resource; the status is then 201. */
  readonly created?: boolean;
}

/** Carries out an operation. */
type Run<R extends Route> = (call: Call<R>) => Promise<Reply<R>>;

/** A call whose body is partly wrong: the body has the fields that are right. */
export type FaultyCall<R extends Route> = Pick<Call<R>, 'principal' | 'params'> & {
  readonly body: Partial<Call<R>['body']>;
};

/**
 * An operation that can tell more about a body that its schema refuses. `findFaults` returns what the operation would
 * refuse about the rest of the body, so that one answer has all faults. It changes nothing, and is called for callers only
 * who may call the operation. On a public route it looks at no records, because nobody may learn from it what there is.
 */
interface CheckedOperation<R extends Route> {
  readonly run: Run<R>;
  readonly findFaults: (call: FaultyCall<R>) => Promise<readonly InputFault[]>;
}

/** One function per operation, with or without a check. A missing or misspelt one is a type error. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C]: Run<C[K]> | CheckedOperation<C[K]>;
};
