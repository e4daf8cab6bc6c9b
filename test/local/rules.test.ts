import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../infra/local/assembly/template.ts';
import { isAllowed, parsePolicy } from '../../infra/local/endpoint/policies.ts';
import { checkPattern, passesFilters } from '../../infra/local/events/event-filter.ts';
import { firesAt, parseSchedule } from '../../infra/local/events/schedule-expression.ts';
import { matchRoute, parseRouteKey } from '../../infra/local/gateway/route-match.ts';
import { generateSecretString } from '../../infra/local/secrets/random-password.ts';

describe('route matching', () => {
  const routes = [
    '$default',
    'GET /clients/{id}',
    'POST /clients/import',
    'GET /clients/recent',
    'GET /clients/{id}/contacts',
  ].map(parseRouteKey);
  const match = (method: string, path: string) => {
    const found = matchRoute(routes, method, path);
    return [found?.route.routeKey, found?.pathParameters];
  };

  it.each([
    ['POST', '/clients/import', 'POST /clients/import', undefined],
    ['GET', '/clients/import', 'GET /clients/{id}', { id: 'import' }],
    ['GET', '/clients/recent', 'GET /clients/recent', undefined],
    ['GET', '/clients/a%20b', 'GET /clients/{id}', { id: 'a b' }],
    ['GET', '/clients/1/contacts', 'GET /clients/{id}/contacts', { id: '1' }],
    ['GET', '/', '$default', undefined],
  ])('%s %s goes to %s', (method, path, routeKey, parameters) => {
    expect(match(method, path)).toEqual([routeKey, parameters]);
  });

  it('matches no route for another path, a trailing slash or another method', () => {
    const fixed = [parseRouteKey('GET /clients'), parseRouteKey('GET /clients/{id}')];
    expect(matchRoute(fixed, 'GET', '/other')).toBeUndefined();
    expect(matchRoute(fixed, 'GET', '/clients/')).toBeUndefined();
    expect(matchRoute(fixed, 'POST', '/clients')).toBeUndefined();
  });

  it.each(['ANY /clients', 'GET /{proxy+}'])('%s is refused', (routeKey) => {
    expect(() => parseRouteKey(routeKey)).toThrow(routeKey);
  });
});

describe('policies', () => {
  const table = 'arn:aws:dynamodb:eu-west-1:000000000000:table/T';

  it('allow what a statement names, with wildcards, and nothing else', () => {
    const statements = parsePolicy({
      Statement: {
        Effect: 'Allow',
        Action: ['dynamodb:Get*', 'dynamodb:Quer?'],
        Resource: [table, `${table}/index/*`],
      },
    });
    expect(isAllowed(statements, { action: 'dynamodb:GetItem', resource: table })).toBe(true);
    expect(isAllowed(statements, { action: 'dynamodb:Query', resource: `${table}/index/GSI1` })).toBe(true);
    expect(isAllowed(statements, { action: 'dynamodb:PutItem', resource: table })).toBe(false);
    expect(isAllowed(statements, { action: 'dynamodb:GetItem', resource: `${table}2` })).toBe(false);
  });

  it('let a denial win', () => {
    const statements = parsePolicy({
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'dynamodb:DeleteItem', Resource: table },
      ],
    });
    expect(isAllowed(statements, { action: 'dynamodb:DeleteItem', resource: table })).toBe(false);
    expect(isAllowed(statements, { action: 'dynamodb:PutItem', resource: table })).toBe(true);
  });

  it('judge leading keys, every one of them', () => {
    const condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['CO#*'] } };
    const statements = parsePolicy({
      Statement: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: '*', Condition: condition }],
    });
    const attempt = (...keys: string[]) => ({
      action: 'dynamodb:GetItem',
      resource: table,
      context: { 'dynamodb:LeadingKeys': keys },
    });
    expect(isAllowed(statements, attempt('CO#1'))).toBe(true);
    expect(isAllowed(statements, attempt('CO#1', 'USER#1'))).toBe(false);
  });

  it('are refused with an operator that cannot be judged', () => {
    const statement = {
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    };
    expect(() => parsePolicy({ Statement: [statement] })).toThrow('IpAddress');
  });
});

describe('schedules', () => {
  const fires = (text: string, at: string, zone = 'UTC') => firesAt(parseSchedule(text, zone), new Date(at));

  it.each([
    ['cron(0 3 * * ? *)', '2026-11-22T03:00:00Z', true],
    ['cron(0 3 * * ? *)', '2026-11-22T03:01:00Z', false],
    ['cron(0/15 8-17 ? * MON-FRI *)', '2026-11-20T17:45:00Z', true],
    ['cron(0/15 8-17 ? * MON-FRI *)', '2026-11-22T17:45:00Z', false],
    ['cron(0 0 L * ? *)', '2026-02-28T00:00:00Z', true],
    ['cron(0 0 1 JAN,JUL ? 2026)', '2026-07-01T00:00:00Z', true],
    ['cron(0 0 1 JAN,JUL ? 2026)', '2027-07-01T00:00:00Z', false],
    ['at(2026-11-22T08:30:00)', '2026-11-22T08:30:00Z', true],
  ])('%s at %s: %s', (text, at, expected) => {
    expect(fires(text, at)).toBe(expected);
  });

  it('keep to the wall clock of their zone through summer time', () => {
    expect(fires('cron(0 8 * * ? *)', '2026-07-01T06:00:00Z', 'Europe/Berlin')).toBe(true);
    expect(fires('cron(0 8 * * ? *)', '2026-12-01T07:00:00Z', 'Europe/Berlin')).toBe(true);
    expect(fires('cron(0 8 * * ? *)', '2026-12-01T06:00:00Z', 'Europe/Berlin')).toBe(false);
  });

  it.each(['cron(* * *)', 'cron(61 * * * ? *)', 'rate(soon)', 'every day'])('%s is refused', (text) => {
    expect(() => parseSchedule(text, 'UTC')).toThrow(text);
  });
});

describe('event patterns', () => {
  const event = { eventName: 'INSERT', dynamodb: { Keys: { PK: { S: 'ITEM#1' } }, NewImage: { tags: ['a', 'b'] } } };

  it.each([
    [{ eventName: ['INSERT', 'REMOVE'] }, true],
    [{ eventName: ['MODIFY'] }, false],
    [{ eventName: ['INSERT'], dynamodb: { Keys: { PK: { S: ['ITEM#1'] } } } }, true],
    [{ eventName: ['INSERT'], dynamodb: { Keys: { PK: { S: ['ITEM#2'] } } } }, false],
    [{ dynamodb: { NewImage: { tags: ['b'] } } }, true],
    [{ userIdentity: { type: ['Service'] } }, false],
  ])('%j: %s', (pattern, expected) => {
    expect(() => checkPattern(pattern, 'rule R')).not.toThrow();
    expect(passesFilters([pattern], event)).toBe(expected);
  });

  it('pass everything without a pattern, and what matches one of several', () => {
    expect(passesFilters([], event)).toBe(true);
    expect(passesFilters([{ eventName: ['MODIFY'] }, { eventName: ['INSERT'] }], event)).toBe(true);
  });

  it.each([
    [{ detail: { key: [{ prefix: 'co_' }] } }, 'prefix'],
    [{ detail: { size: [1, { numeric: ['>', 0] }] } }, 'numeric'],
    [{ $or: [{ a: [1] }, { b: [2] }] }, 'a'],
  ])('with operators are refused: %j', (pattern, operator) => {
    expect(() => checkPattern(pattern, 'rule R')).toThrow(`The pattern of rule R uses ${operator}`);
  });
});

describe('generated secrets', () => {
  it('have the requested length, and at least one character of each kind', () => {
    for (let round = 0; round < 50; round++) {
      const secret = generateSecretString({ PasswordLength: 12, ExcludePunctuation: true });
      expect(secret).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[a-zA-Z0-9]{12}$/);
    }
    expect(generateSecretString({})).toMatch(/^(?=.*[^a-zA-Z0-9]).{32}$/);
  });

  it('are refused with a rule that is not followed, and when they are too short', () => {
    expect(() => generateSecretString({ ExcludeCharacters: 'a' })).toThrow('ExcludeCharacters');
    expect(() => generateSecretString({ PasswordLength: 3 })).toThrow('3 characters');
  });
});

describe('template functions', () => {
  const braces = (text: string) => text.replaceAll('<', '$'.concat('{')).replaceAll('>', '}');
  const place = { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'S' };
  const template = readTemplate(
    {
      Resources: { T: { Type: 'AWS::DynamoDB::Table', Properties: {} } },
      Conditions: { Yes: { 'Fn::Equals': ['a', 'a'] } },
    },
    place,
  );

  it.each([
    [
      { 'Fn::Sub': braces('arn:<AWS::Partition>:x:<T>:<T.Arn>:<!literal>') },
      braces('arn:aws:x:S-T:arn:aws:dynamodb:eu-west-1:000000000000:table/S-T:<literal>'),
    ],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['T', 'Arn'] }] }] }, 'S-T'],
    [{ 'Fn::If': ['Yes', 'then', { Ref: 'AWS::NoValue' }] }, 'then'],
    [{ a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  ])('%j', (value, expected) => {
    expect(template.resolve(value)).toEqual(expected);
  });

  it('are refused when they are not known or refer to nothing', () => {
    expect(() => template.resolve({ 'Fn::ImportValue': 'x' })).toThrow('Fn::ImportValue');
    expect(() => template.resolve({ Ref: 'Nothing' })).toThrow('Nothing');
  });
});
