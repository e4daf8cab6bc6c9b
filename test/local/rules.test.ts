import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../infra/local/assembly/template.ts';
import { isAllowed, parsePolicy } from '../../infra/local/endpoint/policies.ts';
import { checkPattern, passesFilters } from '../../infra/local/events/event-filter.ts';
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

  it.each(['ANY /clients', 'GET /{proxy+}/more'])('%s is refused', (routeKey) => {
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
  const sub = (...names: string[]) => ({ 'Fn::Sub': names.map((name) => '$'.concat(`{${name}}`)).join('/') });
  const place = { partition: 'aws', region: 'eu-west-1', account: '000000000000', stack: 'S' };
  const template = readTemplate({ Resources: { T: { Type: 'AWS::DynamoDB::Table', Properties: {} } } }, place);

  it.each([
    [sub('AWS::AccountId', 'AWS::Region', 'T'), '000000000000/eu-west-1/S-T'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'T' }]] }, 'a-S-T'],
    [{ 'Fn::GetAtt': ['T', 'Arn'] }, 'arn:aws:dynamodb:eu-west-1:000000000000:table/S-T'],
    [{ a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  ])('%j', (value, expected) => {
    expect(template.resolve(value)).toEqual(expected);
  });

  it('are refused when they are not supported or refer to nothing', () => {
    expect(() => template.resolve({ 'Fn::ImportValue': 'x' })).toThrow('Fn::ImportValue');
    expect(() => template.resolve({ Ref: 'Nothing' })).toThrow('Nothing');
    expect(() => template.resolve(sub('T.Arn'))).toThrow('T.Arn');
  });
});
