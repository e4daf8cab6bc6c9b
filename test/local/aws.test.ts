import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openMailBox } from '../../infra/local/ses/ses.ts';
import { type Fixture, startFixture, temporaryFolder } from './fixture-stack.ts';

let stack: Fixture;
beforeAll(async () => {
  stack = await startFixture();
});
afterAll(() => stack.stop());
beforeEach(() => stack.calls.clear());

const key = { PK: { S: 'X#1' }, SK: { S: 'a' } };
const itemsCalls = () => stack.calls.list().filter((call) => call.function.includes('Items'));

describe('permissions', () => {
  it('are those of the function', async () => {
    expect(await stack.aws('dynamodb', 'PutItem', { TableName: stack.table, Item: key })).toEqual({});
    expect(await stack.aws('dynamodb', 'GetItem', { TableName: stack.table, Key: key })).toEqual({ Item: key });
    expect(await stack.aws('dynamodb', 'DeleteItem', { TableName: stack.table, Key: key })).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:DeleteItem'),
    });
    expect(await stack.aws('dynamodb', 'GetItem', { TableName: stack.table, Key: key })).toEqual({ Item: key });
  });

  it('are asked for each write of a transaction', async () => {
    const put = { Put: { TableName: stack.table, Item: key } };
    const remove = { Delete: { TableName: stack.table, Key: { ...key, SK: { S: 'b' } } } };
    expect(await stack.aws('dynamodb', 'TransactWriteItems', { TransactItems: [put] })).toEqual({});
    expect(await stack.aws('dynamodb', 'TransactWriteItems', { TransactItems: [put, remove] })).toMatchObject({
      name: 'AccessDeniedException',
    });
    expect(
      itemsCalls().map(({ allowed, authorizations }) => [allowed, authorizations.map(({ action }) => action)]),
    ).toEqual([
      [true, ['dynamodb:PutItem']],
      [false, ['dynamodb:PutItem', 'dynamodb:DeleteItem']],
    ]);
  });

  it('cover an index and name it', async () => {
    const query = {
      IndexName: 'GSI1',
      KeyConditionExpression: 'GSI1PK = :k',
      ExpressionAttributeValues: { ':k': { S: 'x' } },
    };
    expect(await stack.aws('dynamodb', 'Query', { TableName: stack.table, ...query })).toMatchObject({ Count: 0 });
    expect(itemsCalls()[0]?.authorizations[0]?.resource).toMatch(/\/index\/GSI1$/);
  });

  it('end where the credentials end', async () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKIAUNKNOWN/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
    const headers = { authorization, 'x-amz-target': 'DynamoDB_20120810.ListTables' };
    for (const url of [stack.dynamoDbUrl, stack.awsUrl]) {
      const response = await fetch(url, { method: 'POST', headers, body: '{}' });
      expect([response.status, await response.json()]).toMatchObject([400, { __type: 'UnrecognizedClientException' }]);
      expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(403);
    }
  });
});

describe('the record of calls', () => {
  it('holds what each function called', async () => {
    await stack.aws('dynamodb', 'PutItem', { TableName: stack.table, Item: key });
    const { text } = await stack.get(`/_local/calls?function=${itemsCalls()[0]?.function}`);
    expect(JSON.parse(text)).toMatchObject([
      {
        service: 'dynamodb',
        action: 'PutItem',
        table: stack.table,
        allowed: true,
        status: 200,
      },
    ]);
  });

  it('leaves requests and answers of DynamoDB as they are: a function that asks for its capacity gets it', async () => {
    const input = { TableName: stack.table, Item: key, ReturnConsumedCapacity: 'TOTAL' };
    expect(await stack.aws('dynamodb', 'PutItem', input)).toMatchObject({ ConsumedCapacity: { CapacityUnits: 1 } });
  });

  it('names the error of a call that failed, and can be emptied', async () => {
    await stack.aws('dynamodb', 'PutItem', {
      TableName: stack.table,
      Item: key,
      ConditionExpression: 'attribute_not_exists(PK)',
    });
    expect(itemsCalls()).toMatchObject([{ status: 400, error: 'ConditionalCheckFailedException' }]);
    expect((await stack.get('/_local/calls', { method: 'DELETE' })).status).toBe(204);
    expect(JSON.parse((await stack.get('/_local/calls')).text)).toEqual([]);
  });
});

describe('secrets', () => {
  const read = async (more: object = {}) =>
    (await stack.aws('secrets', 'GetSecretValue', { SecretId: stack.model.secrets[0]?.arn, ...more })) as Record<
      string,
      string
    >;

  it('have a generated first value', async () => {
    expect((await read()).SecretString).toMatch(/^[a-zA-Z0-9]{40}$/);
    expect(statSync(stack.data.file('secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('are not there under another name', async () => {
    // The policy names the secret, so what is asked is refused before it is looked for.
    expect(await read({ SecretId: 'other' })).toMatchObject({ name: 'AccessDeniedException' });
    expect(await read({ VersionStage: 'AWSPENDING' })).toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('mail', () => {
  const from = 'Studio <hello@mail.example>';
  const message = (...more: string[]) =>
    [
      `From: ${from}`,
      'To: shown@x.example',
      'Subject: =?utf-8?B?R3LDvMOfZQ==?=',
      'Reply-To: r@x.example',
      'X-Case: 7',
      ...more,
      'Content-Type: text/html; charset=utf-8',
      '',
      '<b>hällo</b>',
    ].join('\r\n');
  const send = (input: object, raw = message()) =>
    stack.aws('ses', 'SendRawEmail', { Source: from, Destinations: ['a@x.example'], ...input }, raw);
  const inbox = async (query = '') => JSON.parse((await stack.get(`/_local/mail${query}`)).text);
  const fail = (...faults: object[]) =>
    stack.get('/_local/mail/faults', { method: 'POST', body: JSON.stringify(faults) });
  const ConfigurationSetName = () =>
    stack.model.functions.find(({ logicalId }) => logicalId.startsWith('Items'))?.environment.CONFIGURATION_SET;
  beforeEach(async () => {
    await stack.get('/_local/mail', { method: 'DELETE' });
  });

  it('is kept as it was sent, to the recipients of the call', async () => {
    const answer = await send({
      Destinations: ['A <a@x.example>', 'b@x.example'],
      ConfigurationSetName: ConfigurationSetName(),
      Tags: [
        { Name: 'kind', Value: 'invite' },
        { Name: 'id', Value: 'mail_1' },
      ],
    });
    const mails = await inbox();
    expect(answer).toEqual({ MessageId: mails[0].id });
    expect(mails).toMatchObject([
      {
        from: 'hello@mail.example',
        fromName: 'Studio',
        to: ['a@x.example', 'b@x.example'],
        replyTo: ['r@x.example'],
        subject: 'Grüße',
        html: expect.stringContaining('<b>hällo</b>'),
        headers: { 'x-case': '7' },
        configurationSet: ConfigurationSetName(),
        tags: { kind: 'invite', id: 'mail_1' },
        time: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
    expect(await inbox('?to=B@x.example')).toHaveLength(1);
    expect(await inbox('?to=shown@x.example')).toHaveLength(0);
  });

  it('is permitted by identity and by configuration set', async () => {
    await send({ ConfigurationSetName: ConfigurationSetName() });
    expect(itemsCalls()).toMatchObject([
      {
        action: 'SendRawEmail',
        allowed: true,
        authorizations: [
          { action: 'ses:SendRawEmail', resource: expect.stringMatching(/:identity\/mail\.example$/) },
          { action: 'ses:SendRawEmail', resource: expect.stringMatching(/:configuration-set\/./) },
        ],
      },
    ]);
  });

  it.each([
    ['an invalid address', { Destinations: ['nobody'] }, 'InvalidParameterValue'],
    ['a local part that is not ASCII', { Destinations: ['jürgen@x.example'] }, 'InvalidParameterValue'],
    ['a line break in an address', { Destinations: ['a@x.example\r\nBcc: z@x.example'] }, 'InvalidParameterValue'],
    [
      'too many recipients',
      { Destinations: Array.from({ length: 51 }, (_, n) => `u${n}@x.example`) },
      'InvalidParameterValue',
    ],
    ['no recipients', { Destinations: [] }, 'InvalidParameterValue'],
    ['a tag with a space', { Tags: [{ Name: 'kind', Value: 'a b' }] }, 'InvalidParameterValue'],
    ['a sender that the policy does not cover', { Source: 'x@evil.example' }, 'AccessDenied'],
    ['a configuration set that the policy does not cover', { ConfigurationSetName: 'other' }, 'AccessDenied'],
  ])('with %s is refused', async (_what, input, name) => {
    expect(await send(input)).toMatchObject({ name });
    expect(await inbox()).toEqual([]);
  });

  it.each([
    ['without content', '', 'ValidationError'],
    ['of more than 10 MB', message(`X-Long: ${'x'.repeat(10 * 1024 * 1024)}`), 'InvalidParameterValue'],
    ['from another domain than the sender', message().replace('mail.example', 'evil.example'), 'MessageRejected'],
  ])('%s is refused', async (_what, raw, name) => {
    const mailBox = openMailBox(join(temporaryFolder(), 'mail.jsonl'), ['mail.example']);
    const parameters = new URLSearchParams({
      Source: from,
      'Destinations.member.1': 'a@x.example',
      'RawMessage.Data': Buffer.from(raw).toString('base64'),
    });
    await expect(mailBox.send(parameters, 'test')).rejects.toMatchObject({ name });
    expect(mailBox.list()).toEqual([]);
  });

  it('names an unknown configuration set and an unverified sender', async () => {
    const mailBox = openMailBox(join(temporaryFolder(), 'mail.jsonl'), ['mail.example']);
    const attempt = (more: Record<string, string>) =>
      mailBox.send(
        new URLSearchParams({
          Source: from,
          'Destinations.member.1': 'a@x.example',
          'RawMessage.Data': Buffer.from(message()).toString('base64'),
          ...more,
        }),
        'test',
      );
    await expect(attempt({ ConfigurationSetName: 'gone' })).rejects.toMatchObject({
      name: 'ConfigurationSetDoesNotExist',
    });
    await expect(attempt({ Source: 'x@evil.example' })).rejects.toMatchObject({ name: 'MessageRejected' });
  });

  it('in the sandbox goes to verified identities only, for which the policy must allow it too', async () => {
    const setAccount = (account: object) =>
      stack.get('/_local/mail/account', { method: 'PUT', body: JSON.stringify(account) });
    await setAccount({ sandbox: true });
    expect(await send({})).toMatchObject({
      name: 'MessageRejected',
      message: expect.stringMatching(
        /^Email address is not verified\. The following identities failed the check in region [A-Z0-9-]+: a@x\.example$/,
      ),
    });
    expect(await send({ Destinations: ['b@mail.example'] })).toEqual({ MessageId: expect.any(String) });
    await setAccount({ sandbox: true, identities: ['mail.example', 'x.example'] });
    expect(await send({})).toMatchObject({ name: 'AccessDenied' });
    await setAccount({});
    expect(await send({})).toEqual({ MessageId: expect.any(String) });
  });

  it('fails as requested, one call after the other', async () => {
    await fail({ error: 'MessageRejected' }, { error: 'InternalFailure', status: 500, taken: true });
    expect(await send({})).toMatchObject({ name: 'MessageRejected' });
    expect(await inbox()).toHaveLength(0);
    expect(await send({})).toMatchObject({ name: 'InternalFailure' });
    expect(await inbox()).toHaveLength(1);
    expect(await send({})).toEqual({ MessageId: expect.any(String) });
    expect((await stack.get('/_local/mail/faults', { method: 'POST', body: '{}' })).status).toBe(400);
  });

  it('is refused with any other operation', async () => {
    expect(await stack.aws('ses', 'GetSendQuota', {})).toMatchObject({ name: 'InvalidAction' });
  });

  it('is shown in the inbox without running or loading anything', async () => {
    const html = '<script>alert(1)</script><img src="https://tracker.example/x.gif">';
    await send({}, message().replace('<b>hällo</b>', html).replace('=?utf-8?B?R3LDvMOfZQ==?=', '<i>"quoted"</i>'));
    const { headers, text } = await stack.get('/_local/inbox');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|<i>|<img/);
    expect(text).toContain('sandbox="allow-popups');
    expect(text).toContain('&lt;i&gt;&quot;quoted&quot;');
  });

  it('shows the pictures that are parts of it in the inbox', async () => {
    const parts = [
      'Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<img src="cid:logo@x">',
      '--b\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline; filename=logo.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--b--',
    ].join('\r\n');
    await send({}, message().replace(/Content-Type.*$/s, parts));
    expect((await inbox())[0]).toMatchObject({ html: expect.stringContaining('cid:logo@x') });
    const { text } = await stack.get('/_local/inbox');
    expect(text).toContain('&lt;img src=&quot;data:image/png;base64,iVBORw==&quot;&gt;');
  });

  it('is not for pages of other origins, nor for other names of this machine', async () => {
    expect((await stack.get('/_local/mail', { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });
});
