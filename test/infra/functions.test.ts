import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resources, statements, templateOf } from './synthesized.ts';

const template = templateOf('dev');
const functions = resources(template, 'AWS::Lambda::Function');
const Ref = z.object({ Ref: z.string() });
const Arn = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });

describe.each(Object.entries(functions))('the function %s', (_id, { Properties }) => {
  it('runs on ARM and Node 24 with source maps, and gives up before the API does', () => {
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
    expect(Properties.Environment).toMatchObject({ Variables: { NODE_OPTIONS: '--enable-source-maps' } });
    expect(z.number().parse(Properties.Timeout)).toBeLessThanOrEqual(29);
  });

  it('has a log group of its own, kept as long as the stage says', () => {
    const { LogFormat, LogGroup } = z.object({ LogFormat: z.string(), LogGroup: Ref }).parse(Properties.LoggingConfig);
    expect(LogFormat).toBe('JSON');
    expect(resources(template, 'AWS::Logs::LogGroup')[LogGroup.Ref]?.Properties.RetentionInDays).toBe(7);
    const sharing = Object.values(functions).filter(({ Properties: other }) =>
      JSON.stringify(other.LoggingConfig).includes(`"${LogGroup.Ref}"`),
    );
    expect(sharing).toHaveLength(1);
  });

  it('has a role of its own without managed policies', () => {
    const [role] = Arn.parse(Properties.Role)['Fn::GetAtt'];
    expect(resources(template, 'AWS::IAM::Role')[role]?.Properties).not.toHaveProperty('ManagedPolicyArns');
    const sharing = Object.values(functions).filter(({ Properties: other }) =>
      JSON.stringify(other.Role).includes(`"${role}"`),
    );
    expect(sharing).toHaveLength(1);
  });
});

describe('the permissions', () => {
  it('name their actions and their resources, and never Scan', () => {
    const all = statements(template);
    expect(all.length).toBeGreaterThan(Object.keys(functions).length);
    for (const { Action, Resource } of all) {
      expect(Action.join()).not.toMatch(/\*|Scan|PartiQL/);
      // Objects have no names before they are there; the bucket they are in is named.
      const onObjects = Action.every((action) => /^s3:(Put|Get|Delete)Object(Version)?$/.test(action));
      const resource = JSON.stringify(Resource);
      expect(onObjects ? resource.replace(/^(\{"Fn::Join":\["",\[\{[^{}]+\}),"\/\*"/, '$1') : resource).not.toContain(
        '*',
      );
    }
  });

  it('let only those touch documents who hand out locations, check what was received, or delete', () => {
    const onDocuments = statements(template).filter(({ Action }) => Action.some((action) => action.startsWith('s3:')));
    const byRole = onDocuments.map(({ role, Action }) => [role.replace(/Role.*/, ''), ...Action]);
    expect(byRole.length).toBeGreaterThan(0);
    for (const [role = '', ...actions] of byRole) {
      expect(['Documents', 'DocumentReceived', 'Deletions']).toContain(role);
      if (role === 'Documents') expect(actions.join()).not.toMatch(/Delete|List/);
      else expect(actions.join()).not.toContain('Put');
    }
  });

  it('let only those use the indexes who list clients or go through them', () => {
    const onIndexes = statements(template).filter(({ Resource }) => JSON.stringify(Resource).includes('/index/'));
    expect(onIndexes.map(({ role, Action }) => [role.replace(/Role.*/, ''), Action])).toEqual([
      ['Clients', ['dynamodb:Query']],
      ['ClientIndex', ['dynamodb:Query']],
      ['Deletions', ['dynamodb:Query']],
    ]);
  });

  it('let only workers read the stream, and only them and handlers of events write to the dead-letter queues', () => {
    const roles = (action: string) =>
      statements(template)
        .filter(({ Action }) => Action.includes(action))
        .map(({ role }) => role.replace(/Role.*/, ''));
    expect(roles('dynamodb:GetRecords')).toEqual(['ClientIndex', 'Relay']);
    const rules = Object.keys(resources(template, 'AWS::Events::Rule')).map((id) => id.replace(/Rule.*/, ''));
    expect(rules.sort()).toEqual(['DocumentReceived', 'MailEvents']);
    expect(roles('sqs:SendMessage').sort()).toEqual(['ClientIndex', 'MailEvents', 'Relay']);
  });

  it('let only those read the signing secret who sign, check or replace it', () => {
    const [secret] = Object.keys(resources(template, 'AWS::SecretsManager::Secret')).filter((id) =>
      id.startsWith('Signing'),
    );
    const readers = statements(template).filter(
      ({ Resource }) => JSON.stringify(Resource) === JSON.stringify({ Ref: secret }),
    );
    expect(readers.map(({ role }) => role.replace(/Role.*/, '')).sort()).toEqual([
      'Accounts',
      'Authorizer',
      'Portal',
      'SigningKey',
    ]);
  });
});
