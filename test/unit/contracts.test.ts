import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { acceptsIdempotencyKey, keepsAnswer, type Route } from '../../lib/http/contract.ts';
import { openApi } from '../../lib/http/openapi.ts';
import { routes } from '../support/api/routes.ts';
import { fieldPaths } from '../support/schema-fields.ts';

const CREDENTIAL = /(?:password|token|secret)$/i;

/** The names of all fields of a schema, at any depth. */
const fieldsOf = (schema: unknown) => fieldPaths(schema).map((path) => path.at(-1));

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;
const verbOf = ({ method }: Route) => VERBS[method];

describe('routes with credentials', () => {
  it.each(routes.map(({ id, route }) => [id, route] as const))(
    '%s says carriesCredential exactly if its body or reply has a password, a token or a secret',
    (_, route) => {
      const names = [...fieldsOf(route.body), ...fieldsOf(route.reply.schema)];
      const credentials = names.filter((name) => CREDENTIAL.test(String(name)));
      const { carriesCredential = false } = route;
      expect({ credentials, carries: carriesCredential !== false }).toEqual({
        credentials,
        carries: route.method === 'POST' && credentials.length > 0,
      });
      if (carriesCredential === true) expect(acceptsIdempotencyKey(route)).toBe(false);
    },
  );

  it.each([
    [
      'createClient',
      (account?: object) => ({ contacts: [{ email: 'a@x.example' }, { email: 'b@x.example', account }] }),
    ],
    ['createContact', (account?: object) => ({ email: 'a@x.example', account })],
  ])('%s keeps its answer for an Idempotency-Key unless a contact gets a password', (id, bodyWith) => {
    const { route } = routes.find((candidate) => candidate.id === id) ?? {};
    if (!route) throw new Error(`there is no ${id}`);
    for (const account of [undefined, { invite: true }]) expect(keepsAnswer(route, bodyWith(account))).toBe(true);
    for (const account of [{ generate: true }, { password: 'correct horse battery staple' }])
      expect(keepsAnswer(route, bodyWith(account))).toBe(false);
  });

  it('the OpenAPI document has the header exactly where it counts', () => {
    const { paths } = openApi([Object.fromEntries(routes.map(({ id, route }) => [id, route]))]);
    for (const { id, route } of routes) {
      const operation = JSON.stringify(paths?.[route.path]?.[verbOf(route)]);
      expect(operation.includes('"idempotency-key"'), id).toBe(acceptsIdempotencyKey(route));
      expect(operation.includes('"answer-not-kept"'), id).toBe(acceptsIdempotencyKey(route));
    }
  });

  it('the fields of a schema are found at any depth', () => {
    const deep = z.object({ list: z.array(z.object({ inner: z.object({ newPassword: z.string() }).nullable() })) });
    expect(fieldsOf(z.union([z.string(), deep.optional()]))).toEqual(['list', 0, 'inner', 'newPassword']);
  });

  it.each(routes.filter(({ route }) => route.access === 'public' && route.method === 'POST'))(
    'the public POST $id carries a credential, or names the account that its Idempotency-Keys belong to',
    ({ route }) => {
      const { carriesCredential = false, accountFields = [] } = route;
      expect(carriesCredential).toBe(accountFields.length === 0);
      const fields = fieldsOf(route.body);
      for (const field of accountFields) expect(fields).toContain(field);
    },
  );
});

/** Why these routes for staff work without the clients module: their records belong to no client. */
const BEYOND_MODULE: Readonly<Record<string, readonly string[]>> = {
  'the own account': ['signOut', 'getMe', 'changePassword'],
  'the company, its settings and the switch itself': [
    ...['getCompany', 'changeCompany', 'getSettings', 'changeSettings', 'previewNumbers'],
    ...['createLogoUpload', 'getLogo', 'deleteLogo', 'getClientsModule', 'setClientsModule'],
  ],
  'the staff and its API tokens': [
    ...['listUsers', 'inviteUser', 'sendUserInvitation', 'getUser', 'changeUser', 'clearUserSuppression'],
    ...['createApiToken', 'listApiTokens', 'getApiToken', 'renameApiToken', 'revokeApiToken'],
  ],
  'the log of the company itself, which has no mail to clients': ['listCompanySystemLogs'],
  'texts of mails, also of those to staff': [
    ...['listTemplates', 'listTemplateVariables', 'getTemplate', 'putTemplate', 'deleteTemplate'],
  ],
};

describe('the switch of the clients module', () => {
  it('every route for staff obeys it, or stands here with the reason', () => {
    const beyond = routes.filter(
      ({ route: { access } }) => access !== 'public' && access !== 'portal' && access.module === undefined,
    );
    const justified = new Set(Object.values(BEYOND_MODULE).flat());
    const unjustified = beyond.map(({ id }) => id).filter((id) => !justified.has(id));
    expect(
      unjustified,
      'Give these routes `module` in their access, or a reason in BEYOND_MODULE of this file why they need none.',
    ).toEqual([]);
    const wrong = beyond.filter(({ route }) => route.path.startsWith('/v1/clients'));
    expect(wrong).toEqual([]);
  });
});
