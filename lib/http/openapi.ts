import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { type ProblemCode, problems } from '../shared/errors.ts';
import type { Contract, Route } from './contract.ts';
import { sampleOf } from './sample.ts';

const Problem = z
  .object({
    type: z
      .string()
      .describe('Names the kind of problem, as path of a page that explains it.')
      .meta({ examples: ['/problems/validation'] }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('The id of the request, as in x-request-id.'),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('RFC 6901 into the body, or ?name of the query.'),
          code: z.string(),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

/** What API Gateway answers by itself, before any function runs. */
const GatewayMessage = z.object({ message: z.string() }).meta({ id: 'GatewayMessage' });

const TAGS: Readonly<Record<string, string>> = {
  Accounts: 'Sign-up, sign-in, and what a signed-in person does with the own account.',
  Company: 'The company, its settings and the switch of the clients module.',
  Team: 'The staff of the company and its API tokens.',
  Portal: 'What contacts of clients do for themselves.',
  Clients: 'Who is invoiced, with their contacts.',
  Documents: 'Files of a client. Their bytes are uploaded and downloaded by presigned URL.',
  Groups: 'Groups of clients: the middle level of the settings.',
  Templates: 'The texts of mails, by language, for the company and its groups.',
  Pricings: 'Named groups of prices, and the price of each item in them.',
  Items: 'The catalogue of resources and services.',
  Mail: 'What to do about mail that did not arrive.',
  Traces: 'What happened to a client.',
  Description: 'The description of this API.',
};

const INTRODUCTION = `The client side of an invoicing business: clients, their contacts, and who may see them.

- **Sign in** with \`POST /v1/auth/sign-in\`, or make an API token; send either as \`Authorization: Bearer …\`.
- **Lists** are pages: \`?limit\`, \`?cursor\` → \`{ data, nextCursor }\`.
- **Changes** are JSON merge patches (RFC 7396). \`ETag\` and \`If-Match\` keep two editors from overwriting each other.
- **Retries** are safe with an \`Idempotency-Key\` on every POST: the first answer is replayed for 24 hours.
- **Problems** are RFC 9457 documents that name every fault by pointer.`;

function accessProblems(access: Route['access']): ProblemCode[] {
  if (access === 'public') return [];
  if (access === 'portal') return ['unauthenticated', 'portal-only', 'module-inactive'];
  return ['unauthenticated', 'staff-only', 'role-too-low', ...(access.module ? (['module-inactive'] as const) : [])];
}

/** Problems that the frame answers on a route, whatever the operation does. */
function frameProblems({ access, body, query, params, method, versioned }: Route): ProblemCode[] {
  return [
    ...(body || query ? (['validation'] as const) : []),
    ...(!body && !query ? (['validation'] as const) : []),
    ...(body ? (['malformed-json', 'unsupported-media-type'] as const) : []),
    'body-too-large',
    ...(params ? (['not-found'] as const) : []),
    ...accessProblems(access),
    ...(method === 'POST'
      ? (['bad-idempotency-key', 'idempotency-key-in-use', 'idempotency-key-reused'] as const)
      : []),
    ...(versioned && method !== 'GET' ? (['stale-version'] as const) : []),
    'internal',
    'unavailable',
  ];
}

const requestId = { 'x-request-id': z.string().describe('Id of the request, in every log line of it.') };

function problemResponses(route: Route): ZodOpenApiResponsesObject {
  const codes = [...new Set([...frameProblems(route), ...route.problems])];
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, group] of [...byStatus].sort(([a], [b]) => a - b)) {
    const { examples, headers } = describeProblems(status, group);
    responses[`${status}` as '400'] = {
      description: group.map((code) => problems[code].title).join('; '),
      headers: z.object({ ...requestId, ...headers }),
      content: {
        'application/problem+json': { schema: Problem, examples },
        ...(status === 503 && { 'application/json': { schema: GatewayMessage } }),
        ...(status === 500 && { 'application/json': { schema: GatewayMessage } }),
        ...(status === 413 && { 'application/json': { schema: GatewayMessage } }),
      },
    };
  }
  responses['431'] = { description: 'The address and the headers are too long together: 10 KB' };
  responses['429'] ??= {
    description: 'The gateway throttles',
    content: { 'application/json': { schema: GatewayMessage } },
  };
  return responses;
}

function describeProblems(status: number, codes: readonly ProblemCode[]) {
  const examples = Object.fromEntries(
    codes.map((code) => {
      const { title, detail } = problems[code];
      const errors =
        code === 'validation'
          ? [{ pointer: '/name', code: 'too-long', detail: 'Too long: 200 characters at most' }]
          : undefined;
      const value = {
        type: `/problems/${code}`,
        title,
        status,
        detail,
        instance: 'a1b2c3d4',
        ...(errors && { errors }),
      };
      return [code, { summary: title, value }];
    }),
  );
  const headers = {
    ...(status === 401 && { 'www-authenticate': z.string() }),
    ...(status === 429 && { 'retry-after': z.string().describe('Seconds.') }),
  };
  return { examples, headers };
}

function headerParameters({ method, versioned }: Route) {
  return z.object({
    ...(method === 'POST' && {
      'idempotency-key': z
        .string()
        .regex(/^[\x21-\x7e]{1,255}$/)
        .optional()
        .describe('Replays the first answer to the same request for 24 hours.'),
    }),
    ...(versioned &&
      method === 'GET' && { 'if-none-match': z.string().optional().describe('An ETag; 304 where it still holds.') }),
    ...(versioned &&
      method !== 'GET' && {
        'if-match': z.string().optional().describe('An ETag; 412 where the record has changed since.'),
      }),
  });
}

function successResponse({ reply, versioned, method }: Route) {
  const headers = z.object({
    ...requestId,
    ...(versioned && reply.schema && { etag: z.string().describe('The version of the record.') }),
    ...(reply.location && { location: z.string().describe('Where the new resource is.') }),
    ...(method === 'POST' && {
      'idempotency-replayed': z.literal('true').optional().describe('There on a replayed answer.'),
    }),
  });
  return {
    description: reply.description,
    headers,
    ...(reply.schema && {
      content: { 'application/json': { schema: reply.schema, example: sampleOf(reply.schema) } },
    }),
  };
}

function operation(id: string, route: Route): ZodOpenApiOperationObject {
  const { body, method } = route;
  const patch = body && { 'application/merge-patch+json': { schema: body } };
  return {
    operationId: id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description && { description: route.description }),
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
          'application/json': { schema: body, example: bodySample(route) },
          ...(method === 'PATCH' && patch),
        },
      },
    }),
    responses: {
      [`${route.reply.status}` as '200']: successResponse(route),
      ...(route.reply.created && { '201': { ...successResponse(route), description: 'It was not there before.' } }),
      ...(route.versioned && method === 'GET' && { '304': { description: 'Not changed since the ETag.' } }),
      ...problemResponses(route),
    },
  };
}

/** A patch shows little: one field is what it is for. */
function bodySample({ body, method }: Route): unknown {
  if (method !== 'PATCH') return sampleOf(body);
  const whole = Object(sampleOf(body));
  const [name] = Object.keys(whole);
  return name === undefined ? {} : { [name]: whole[name] };
}

/** The OpenAPI 3.1 document of contracts. Made at build time: nothing of it runs in a function. */
export function openApi(contracts: readonly Contract[]) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  const tags = new Set<string>();
  for (const contract of contracts)
    for (const [id, route] of Object.entries(contract)) {
      tags.add(route.tag);
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(id, route) };
    }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Clientele',
      version: '1',
      description: INTRODUCTION,
      license: { name: 'All rights reserved', identifier: 'LicenseRef-All-rights-reserved' },
    },
    servers: [{ url: '/', description: 'Where this document comes from.' }],
    tags: [...tags].map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An access token of POST /v1/auth/sign-in or, in the portal, of POST /v1/portal/sign-in; or an API token.',
        },
      },
    },
  });
}
