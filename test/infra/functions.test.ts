import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { contracts } from '../../functions/contracts.ts';
import { acceptsIdempotencyKey, type Route } from '../../lib/http/contract.ts';
import { LOGO_PREFIX } from '../../lib/logo/object-key.ts';
import { parseLimit, parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { folderOf, resources, statements, templateOf } from './synthesized.ts';

const template = templateOf('dev');
const functions = resources(template, 'AWS::Lambda::Function');
const Variables = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });
const Ref = z.object({ Ref: z.string() });
/** All objects of one bucket of the template, or its logos. */
const ObjectsOfBucket = z.object({
  'Fn::Join': z.tuple([
    z.literal(''),
    z.tuple([z.object({ 'Fn::GetAtt': z.array(z.string()) }), z.enum(['/*', `/${LOGO_PREFIX}*`])]),
  ]),
});
const Arn = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });

describe.each(Object.values(functions).map((lambda) => [folderOf(lambda), lambda] as const))(
  'the function %s',
  (_folder, { Properties }) => {
    it('a function runs on ARM and Node 24 with source maps, and times out before the API does', () => {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(Properties.Environment).toMatchObject({ Variables: { NODE_OPTIONS: '--enable-source-maps' } });
      expect(z.number().parse(Properties.Timeout)).toBeLessThanOrEqual(29);
    });

    it('a function has a log group of its own, kept as long as the stage says', () => {
      const { LogFormat, LogGroup } = z
        .object({ LogFormat: z.string(), LogGroup: Ref })
        .parse(Properties.LoggingConfig);
      expect(LogFormat).toBe('JSON');
      expect(resources(template, 'AWS::Logs::LogGroup')[LogGroup.Ref]?.Properties.RetentionInDays).toBe(7);
      const sharing = Object.values(functions).filter(({ Properties: other }) =>
        JSON.stringify(other.LoggingConfig).includes(`"${LogGroup.Ref}"`),
      );
      expect(sharing).toHaveLength(1);
    });

    it('a function has a role of its own without managed policies', () => {
      const [role] = Arn.parse(Properties.Role)['Fn::GetAtt'];
      expect(resources(template, 'AWS::IAM::Role')[role]?.Properties).not.toHaveProperty('ManagedPolicyArns');
      const sharing = Object.values(functions).filter(({ Properties: other }) =>
        JSON.stringify(other.Role).includes(`"${role}"`),
      );
      expect(sharing).toHaveLength(1);
    });
  },
);

describe('the permissions', () => {
  it('permissions are part of the roles', () => {
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });

  it('permissions name their actions and their resources, and never Scan', () => {
    const all = statements(template);
    expect(all.length).toBeGreaterThan(Object.keys(functions).length);
    for (const { Action, Resource } of all) {
      expect(Action.join()).not.toMatch(/\*|Scan|PartiQL/);
      // The key of an object is not known before the object exists, so all objects of one named bucket are allowed.
      const objects = ObjectsOfBucket.safeParse(Resource);
      const onObjects = Action.every((action) => /^s3:(Put|Get|Delete)Object(Version)?$/.test(action));
      if (!(onObjects && objects.success)) expect(JSON.stringify(Resource)).not.toContain('*');
    }
  });

  it('only functions that presign URLs, check uploads or delete have access to documents', () => {
    const onDocuments = statements(template).filter(
      ({ Action, Resource }) =>
        Action.some((action) => action.startsWith('s3:')) && !JSON.stringify(Resource).includes(LOGO_PREFIX),
    );
    expect(onDocuments.length).toBeGreaterThan(0);
    for (const { folder, Action } of onDocuments) {
      expect(['documents', 'document-received', 'deletions']).toContain(folder);
      if (folder === 'documents') expect(Action.join()).not.toMatch(/Delete|List/);
      else expect(Action.join()).not.toContain('Put');
    }
  });

  it('the company presigns requests for logos, and the mail sender reads them: neither has access to documents', () => {
    const onLogos = statements(template).filter(({ Resource }) => JSON.stringify(Resource).includes(LOGO_PREFIX));
    expect(onLogos.map(({ folder, Action }) => [folder, Action])).toEqual([
      ['company', ['s3:GetObjectVersion', 's3:PutObject']],
      ['mail-sender', ['s3:GetObjectVersion']],
    ]);
    for (const { Resource } of onLogos)
      expect(ObjectsOfBucket.parse(Resource)['Fn::Join'][1][1]).toBe(`/${LOGO_PREFIX}*`);
  });

  it('only functions that list clients or records, or look through clients, query the indexes', () => {
    const onIndexes = statements(template).filter(({ Resource }) => JSON.stringify(Resource).includes('/index/'));
    expect(onIndexes.map(({ folder, Action }) => [folder, Action])).toEqual([
      ['company', ['dynamodb:Query']],
      ['clients', ['dynamodb:Query']],
      ['invoices', ['dynamodb:Query']],
      ['payments', ['dynamodb:Query']],
      ['credits', ['dynamodb:Query']],
      ['client-index', ['dynamodb:Query']],
      ['deletions', ['dynamodb:Query']],
      ['ledger-proof', ['dynamodb:Query']],
    ]);
  });

  it('only the client index writes batches, which have no conditions, and it deletes by them alone', () => {
    const writing = statements(template).filter(({ Action }) => Action.includes('dynamodb:BatchWriteItem'));
    expect(writing.map(({ folder }) => folder)).toEqual(['client-index']);
    expect(writing[0]?.Action).not.toContain('dynamodb:DeleteItem');
  });

  it('only stream workers read the stream, and only they and event handlers send to dead-letter queues', () => {
    const allowed = (action: string) =>
      statements(template)
        .filter(({ Action }) => Action.includes(action))
        .map(({ folder }) => folder)
        .sort();
    expect(allowed('dynamodb:GetRecords')).toEqual(['client-index', 'relay']);
    expect(allowed('sqs:SendMessage')).toEqual(['client-index', 'mail-events', 'relay']);
  });

  it('only functions with lists, Idempotency-Keys or sign-ins read the application secret, and only the mail sender the link secret', () => {
    const readersOf = (prefix: string) => {
      const [secret] = Object.keys(resources(template, 'AWS::SecretsManager::Secret')).filter((id) =>
        id.startsWith(prefix),
      );
      return statements(template)
        .filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify({ Ref: secret }))
        .map(({ folder }) => folder)
        .sort();
    };
    const needsIt = (route: Route) => (route.query && 'cursor' in route.query.shape) || acceptsIdempotencyKey(route);
    const needing = Object.entries(contracts).filter(([, contract]) => Object.values<Route>(contract).some(needsIt));
    // Sign-ins answer device tokens, which are sealed with it.
    const folders = new Set([...needing.map(([folder]) => folder), 'accounts', 'portal']);
    expect(readersOf('Application')).toEqual([...folders].sort());
    expect(readersOf('Link')).toEqual(['mail-sender']);
  });
});

describe('password hashing', () => {
  it.each(['dev', 'prod'])('passwords in stage %s are hashed at the cost that OWASP recommends', (stage) => {
    const hashing = Object.values(resources(templateOf(stage), 'AWS::Lambda::Function'))
      .map((lambda) => [folderOf(lambda), Variables.parse(lambda.Properties).Environment.Variables.PASSWORD_HASHING])
      .filter(([, cost]) => cost !== undefined);
    expect(Object.fromEntries(hashing)).toEqual({
      accounts: 'owasp',
      portal: 'owasp',
      clients: 'owasp',
      contacts: 'owasp',
      'password-probe': 'owasp',
    });
  });

  it('no function of the API is deployed before a password was hashed with the same code and runtime', () => {
    const [[id, probe] = []] = Object.entries(resources(template, 'Custom::PasswordProbe'));
    const [[, lambda] = []] = Object.entries(functions).filter(([, one]) => folderOf(one) === 'password-probe');
    expect(probe?.Properties).toMatchObject({
      code: { zipFile: Object(lambda?.Properties.Code).ZipFile },
      runtime: lambda?.Properties.Runtime,
      ServiceTimeout: '300',
    });
    const early = Object.values(functions).filter(({ DependsOn = [] }) => !DependsOn.includes(id ?? ''));
    expect(early.map(folderOf).filter((folder) => folder in contracts)).toEqual([]);
  });

  it('the function that hashes it may do nothing but write its log', () => {
    const own = statements(template).filter(({ folder }) => folder === 'password-probe');
    expect(own.map(({ Action }) => Action)).toEqual([['logs:CreateLogStream', 'logs:PutLogEvents']]);
  });
});

describe('the limits of mail and sign-ups', () => {
  it.each(['dev', 'prod'])('stage %s gives them to the functions that queue mail and sign companies up', (stage) => {
    const variables = Object.values(resources(templateOf(stage), 'AWS::Lambda::Function')).map(
      (lambda) => [folderOf(lambda), Variables.parse(lambda.Properties).Environment.Variables] as const,
    );
    const withMail = variables.filter(([, { MAIL_LIMITS }]) => MAIL_LIMITS !== undefined);
    const folders = ['accounts', 'clients', 'contacts', 'invoices', 'mail', 'team', 'templates'];
    expect(withMail.map(([folder]) => folder).sort()).toEqual(folders);
    for (const [, { MAIL_LIMITS }] of withMail) {
      const { mailbox, contact, company } = parseMailLimits(z.string().parse(MAIL_LIMITS));
      for (const [limit, most] of [
        [mailbox, 20],
        [contact, 3],
        [company, 200],
      ] as const) {
        expect(limit.hour).toBeLessThanOrEqual(most);
        expect(limit.day).toBeLessThanOrEqual(5 * most);
      }
    }
    const signUps = variables.flatMap(([, { SIGN_UP_LIMIT }]) => (SIGN_UP_LIMIT === undefined ? [] : [SIGN_UP_LIMIT]));
    expect(signUps.map((limit) => parseLimit(z.string().parse(limit)).hour <= 30)).toEqual([true]);
  });
});
