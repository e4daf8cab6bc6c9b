import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { type ProblemCode, problems } from '../shared/errors.ts';
import { faultCodes } from '../shared/faults.ts';
import { acceptsIdempotencyKey, type Contract, type Route } from './contract.ts';
import { exampleRecords } from './example-records.ts';
import { accessExtension, accessText } from './openapi-access.ts';
import { polishSchemas } from './openapi-schemas.ts';
import { sampleOf } from './sample.ts';

const Problem = z
  .object({
    type: z
      .string()
      .describe('Identifies the kind of problem. It is the path of a page that explains it.')
      .meta({ examples: ['/problems/validation'] }),
    title: z.string().describe('The kind of problem in words. It is the same for every problem of this type.'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().describe('What went wrong with this request, and what to do about it.'),
    instance: z.string().describe('The id of the request, as in the header x-request-id.'),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('A JSON pointer (RFC 6901) into the body, or `?name` for a query parameter.'),
          code: z
            .enum(Object.keys(faultCodes))
            .describe('One of the codes that `GET /v1/reference/problems` explains.'),
          detail: z.string().describe('What is wrong, for people.'),
        }),
      )
      .optional()
      .describe('The faults of the input, at most 50.'),
    moreErrors: z
      .int()
      .positive()
      .optional()
      .describe('How many faults there are beyond those in `errors`; left out if there are none.'),
    first: z
      .object({
        status: z.int().describe('The HTTP status of the first answer.'),
        location: z.string().optional().describe('The path of what the first request created.'),
      })
      .optional()
      .describe('Only of `answer-not-kept`: the status and the Location of the first answer.'),
  })
  .meta({ id: 'Problem', description: 'A problem as RFC 9457 defines it.' });

/** The body of API Gateway's own errors, which occur before any function runs. */
const GatewayMessage = z
  .object({ message: z.string().describe('What went wrong.') })
  .meta({ id: 'GatewayMessage', description: 'An error that occurred before the request reached the API.' });

const TAGS: Readonly<Record<string, string>> = {
  Accounts: 'Sign-up, sign-in, sessions and the own account of a signed-in user.',
  Company: 'The company, its settings and its clients module.',
  Team: 'The staff of the company and its API tokens.',
  Portal: 'The operations for contacts who are signed in to the portal, and their sign-in.',
  Clients: 'The people and companies who are invoiced.',
  Contacts: 'The people at a client: their addresses, their invitations to the portal and their passwords.',
  Documents: 'Files of a client, which are uploaded and downloaded by presigned URL.',
  Groups: 'Groups of clients. A group can have its own settings, which apply to all of its clients.',
  Templates: 'The texts of mails by language, for the company and for its groups.',
  Pricings: 'Price lists: the price of each item in each pricing.',
  Items: 'The catalogue of resources and services that have prices.',
  Invoices: 'What clients owe: drafts, and invoices that were sent.',
  Payments: 'Money that clients paid, over one or several invoices, and what went back.',
  Credits: 'Credit notes, which lower what clients owe.',
  Ledger: 'The account of a client: every entry with the balance after it, and the proof that it adds up.',
  Mail: 'Mail that failed: sending it again and lifting the suppression of an address.',
  Traces: 'The activity of a client and the system logs.',
  Reference: 'What the API accepts and answers: countries, currencies, languages, time zones and problems.',
  Description: 'This OpenAPI document.',
};

const INTRODUCTION = `Clientele manages the clients of an invoicing business: their contacts, settings, documents and prices, and the portal for contacts.

- **Sign in** with \`POST /v1/auth/sign-in\` (contacts with \`POST /v1/portal/sign-in\`), or create an API token with \`POST /v1/api-tokens\`. Send the access token or the API token as \`Authorization: Bearer …\`.
- **Tokens** are opaque. An access token is valid for 15 minutes. \`POST /v1/auth/refresh\` (for contacts \`POST /v1/portal/refresh\`) exchanges a refresh token for new tokens. A refresh token can be used once, within 30 days.
- **Lists** are paged. \`limit\` sets the size of a page. The reply is \`{ data, nextCursor }\`; send \`nextCursor\` as \`cursor\` to get the next page. It is null on the last page. A filtered page may have fewer than \`limit\` entries and still be followed by another.
- **Changes** with PATCH are JSON merge patches (RFC 7396): a field that is left out keeps its value, null removes the value or restores the default.
- **Versions** protect concurrent editors. The reply to a read or a change has the version of the record as \`ETag\`. A change with \`If-Match\` fails with 412 if the record has another version.
- **Retries** of a POST are safe with an \`Idempotency-Key\`. The first reply to a key is replayed for 24 hours, with the header \`Idempotency-Replayed: true\`. The same key with another body is refused with 422. A reply that is too large to keep has the header \`Idempotency-Not-Kept: true\`; a repetition does nothing and gets 409. Requests whose bodies or replies have passwords or tokens ignore the header.
- **Errors** are problem documents (RFC 9457). \`type\` identifies the problem, and \`errors\` names every fault of the input. \`GET /v1/reference/problems\` lists all problems and all codes of faults, with their texts.
- **Access** is said by each operation, for programs in \`x-access\`. Staff has one of the roles \`user\`, \`viewer\`, \`editor\`, \`admin\` and \`owner\`, and each may do what those before it may do. Routes about clients need the clients module, which \`PUT /v1/company/modules/clients\` switches.
- **Times** in replies are RFC 3339 in UTC, **ids** are opaque texts, and **amounts** are integers in the minor unit of the currency.
- **Examples** of requests work as they stand in the demo company that \`npm start\` loads. Ids and tokens are placeholders.
- **This document** is at [/openapi.json](/openapi.json).

**Not built yet:** statements, reminders, quotes, recurring invoices, projects, tasks, expenses and PDF. So the texts of the mails \`reminder-…\` and \`statement\` can be written, but nothing sends them; the mail of an invoice has no attachment; and the links in the overview of a client to records that are not built are answered 404.`;

function accessProblems(access: Route['access']): ProblemCode[] {
  if (access === 'public') return [];
  if (access === 'portal') return ['unauthenticated', 'portal-only', 'module-inactive'];
  return [
    'unauthenticated',
    'staff-only',
    'role-too-low',
    ...(access.peopleOnly ? (['people-only'] as const) : []),
    ...(access.module ? (['module-inactive'] as const) : []),
  ];
}

/** Whether If-Match counts: not for what is being created. */
function comparesVersion({ method, versioned, reply }: Route): boolean {
  return versioned === true && method !== 'GET' && reply.location === undefined;
}

/** Problems that the frame can answer on every route of this kind, in addition to the operation's own. */
function frameProblems(route: Route): ProblemCode[] {
  const { access, body, params } = route;
  return [
    'validation',
    ...(body ? (['malformed-json', 'unsupported-media-type'] as const) : []),
    'body-too-large',
    ...(params ? (['not-found'] as const) : []),
    ...accessProblems(access),
    ...(acceptsIdempotencyKey(route)
      ? (['bad-idempotency-key', 'idempotency-key-in-use', 'answer-not-kept', 'idempotency-key-reused'] as const)
      : []),
    ...(comparesVersion(route) ? (['stale-version'] as const) : []),
    'internal',
    'unavailable',
  ];
}

const requestId = {
  'x-request-id': z.string().describe('The id of the request. Every log line of the request has it.'),
};

/** The header as in answers that API Gateway can give by itself. */
const requestIdIfAny = {
  'x-request-id': requestId['x-request-id'].optional().describe('Missing if API Gateway itself refused the request.'),
};

/** Whether API Gateway itself can answer with this status. It refuses paths that are not well encoded. */
function isAnsweredByGateway({ params }: Route, status: number): boolean {
  return [413, 500, 503].includes(status) || (status === 400 && params !== undefined);
}

/** Every problem that a route can answer. */
export function problemsOf(route: Route): ProblemCode[] {
  return [...new Set([...frameProblems(route), ...route.problems])];
}

function problemResponses(route: Route): ZodOpenApiResponsesObject {
  const codes = problemsOf(route);
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, group] of [...byStatus].sort(([a], [b]) => a - b)) {
    const { examples, headers } = describeProblems(status, group);
    const byGateway = isAnsweredByGateway(route, status);
    responses[`${status}` as '400'] = {
      description: group.map((code) => problems[code].title).join('; '),
      headers: z.object({ ...(byGateway ? requestIdIfAny : requestId), ...headers }),
      content: {
        'application/problem+json': { schema: Problem, examples },
        ...(byGateway && { 'application/json': { schema: GatewayMessage } }),
      },
    };
  }
  responses['431'] = { description: 'The request line and the headers exceed 10 KB together' };
  responses['429'] ??= {
    description: 'Too many requests',
    content: { 'application/json': { schema: GatewayMessage } },
  };
  return responses;
}

/** An example of every problem of these routes. The responses refer to them. */
function problemExamples(routes: readonly Route[]) {
  const codes = [...new Set(routes.flatMap(problemsOf))].sort();
  return Object.fromEntries(
    codes.map((code) => [code, { summary: problems[code].title, value: problemExample(code) }]),
  );
}

function problemExample(code: ProblemCode) {
  const { status, title, detail } = problems[code];
  const errors =
    code === 'validation'
      ? [{ pointer: '/name', code: 'too-long', detail: 'Too long: 200 characters at most' }]
      : undefined;
  return { type: `/problems/${code}`, title, status, detail, instance: 'a1b2c3d4', ...(errors && { errors }) };
}

function describeProblems(status: number, codes: readonly ProblemCode[]) {
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  const headers = {
    ...(status === 401 && { 'www-authenticate': z.string() }),
    ...(status === 429 && { 'retry-after': z.string().describe('Seconds to wait before the next attempt.') }),
  };
  return { examples, headers };
}

function headerParameters(route: Route) {
  const { method, versioned, cacheSeconds } = route;
  return z.object({
    ...(acceptsIdempotencyKey(route) && {
      'idempotency-key': z
        .string()
        .regex(/^[\x21-\x7e]{1,255}$/)
        .optional()
        .describe(
          typeof route.carriesCredential === 'function'
            ? 'Makes the request safe to repeat: the first reply is replayed for 24 hours. It is ignored if the body sets or asks for a password.'
            : 'Makes the request safe to repeat: the first reply is replayed for 24 hours.',
        ),
    }),
    ...((versioned || cacheSeconds !== undefined) &&
      method === 'GET' && {
        'if-none-match': z
          .string()
          .optional()
          .describe('The ETag of an earlier reply. The reply is 304 if the record still has it.'),
      }),
    ...(comparesVersion(route) && {
      'if-match': z
        .string()
        .optional()
        .describe('The ETag that the record must still have; otherwise the reply is 412.'),
    }),
  });
}

function successResponse(route: Route) {
  const { reply, versioned, cacheSeconds } = route;
  const headers = z.object({
    ...requestId,
    ...(versioned && reply.schema && { etag: z.string().describe('The version of the record.') }),
    ...(cacheSeconds !== undefined && {
      etag: z.string().describe('A hash of the content.'),
      'cache-control': z.string().describe('For how long the reply may be kept.'),
    }),
    ...(reply.location && { location: z.string().describe('The path of the new resource.') }),
    ...(acceptsIdempotencyKey(route) && {
      'idempotency-replayed': z
        .literal('true')
        .optional()
        .describe('Present if the reply is a replay of the first one.'),
      'idempotency-not-kept': z
        .literal('true')
        .optional()
        .describe('Present if the reply is too large to be replayed. A repetition does nothing and gets 409.'),
    }),
  });
  return {
    description: reply.description,
    headers,
    ...(reply.schema && {
      content: { 'application/json': { schema: reply.schema, example: sampleOf(reply.schema, exampleRecords) } },
    }),
  };
}

function operation(id: string, route: Route): ZodOpenApiOperationObject {
  const { body, method } = route;
  const media = body && { schema: body, ...bodyExamples(route) };
  return {
    operationId: id,
    tags: [route.tag],
    summary: route.summary,
    description: descriptionOf(route),
    'x-access': accessExtension(route.access),
    security: route.access === 'public' ? [] : [{ bearer: [] }],
    requestParams: {
      ...(route.params && { path: route.params }),
      ...(route.query && { query: route.query }),
      header: headerParameters(route),
    },
    ...(body && {
      requestBody: {
        required: !route.bodyOptional,
        content: {
          'application/json': media,
          ...(method === 'PATCH' && { 'application/merge-patch+json': media }),
        },
      },
    }),
    responses: {
      [`${route.reply.status}` as '200']: successResponse(route),
      ...(route.reply.created && { '201': { ...successResponse(route), description: 'The resource was created.' } }),
      ...((route.versioned || route.cacheSeconds !== undefined) &&
        method === 'GET' && { '304': { description: 'The record still has this ETag.' } }),
      ...problemResponses(route),
    },
  };
}

/** What the operation does, examples of its query, and who may call it. */
function descriptionOf({ description, path, access, examples = [] }: Route): string {
  const queries = examples.flatMap(({ query }) => (query ? [`\`${path}?${new URLSearchParams(query)}\``] : []));
  const paragraphs = [description, queries.length > 0 && `Example: ${queries.join(', ')}`, accessText(access)];
  return paragraphs.filter((paragraph) => paragraph).join('\n\n');
}

/** The hand-written bodies of a route. Several have titles. */
function bodyExamples({ examples = [] }: Route) {
  const bodies = examples.filter(({ body }) => body !== undefined);
  const [only, ...others] = bodies;
  if (others.length === 0) return { example: only?.body ?? {} };
  const named = bodies.map(({ title = '', body }) => [nameOf(title), { summary: title, value: body }]);
  return { examples: Object.fromEntries(named) };
}

const nameOf = (title: string) => title.toLowerCase().replace(/\W+/g, '-');

/** The OpenAPI 3.1 document of contracts. It is made at build time; no function loads this module. */
export function openApi(contracts: readonly Contract[]) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  const tags = new Set<string>();
  for (const contract of contracts)
    for (const [id, route] of Object.entries(contract)) {
      tags.add(route.tag);
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(id, route) };
    }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Clientele',
      version: '1',
      description: INTRODUCTION,
      license: { name: 'All rights reserved', identifier: 'LicenseRef-All-rights-reserved' },
    },
    servers: [{ url: '/', description: 'The host that serves this document.' }],
    tags: [...tags].map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: {
      examples: problemExamples(contracts.flatMap((contract) => Object.values(contract))),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An opaque token: an access token from POST /v1/auth/sign-in or POST /v1/portal/sign-in, or an API token.',
        },
      },
    },
  });
  polishSchemas(document);
  return document;
}
